"""Imports go down only: no module imports one of a floor above its own. And every name exists."""

import ast
import builtins
import dis
import importlib
from pathlib import Path

import zoo

FLOORS = [
    "errors",
    "extensions",
    "precision types registry",
    "schema tasks placement",
    "checkpoint nn regularisers",
    "pretrained controls",
    "dynamics",
    "solve",
    "objectives datasets blocks",
    "models",
    "evaluation",
    "train export",
    "recipes",
    "runs plots",
    "report",
    "cli",
]
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names.split()}
ROOT = Path(zoo.__file__).parent


def imported(path: Path) -> set[str]:
    """The rooms of the zoo that a file imports from."""
    package = path.relative_to(ROOT).parent.parts
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = package[: len(package) - node.level + 1]
        full = (*base, *(node.module.split(".") if node.module else ()))
        rooms |= {full[0]} if full else {alias.name for alias in node.names}
    return rooms


def test_every_room_has_a_floor():
    rooms = {
        p.stem
        for p in ROOT.iterdir()
        if not p.name.startswith("_") and (p.is_dir() or p.suffix == ".py")
    }
    assert rooms == set(FLOOR)


def test_imports_go_down_only():
    upward = []
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room.startswith("_"):
            continue
        for other in imported(path) - {room}:
            if FLOOR[other] >= FLOOR[room] and other != room:
                upward.append(f"{path.relative_to(ROOT)} imports {other}")
    assert not upward


def globals_of(code) -> set[str]:
    """The global names that a code object and those within it load."""
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    inner = [c for c in code.co_consts if hasattr(c, "co_code")]
    return names.union(*map(globals_of, inner))


def test_every_global_name_exists():
    # The linter and the type checker are blind here: jaxtyping's shapes look like unknown names.
    missing = []
    for path in set(ROOT.rglob("*.py")) - {ROOT / "__main__.py"}:
        name = ".".join(["zoo", *path.relative_to(ROOT).with_suffix("").parts])
        module = importlib.import_module(name.removesuffix(".__init__"))
        used = globals_of(compile(path.read_text(), str(path), "exec"))
        known = {*vars(module), *vars(builtins)}
        missing += [f"{name}: {each}" for each in used - known]
    assert not missing
