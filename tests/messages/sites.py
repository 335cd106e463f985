"""The places in the zoo's source where an error of its own comes from."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zoo

ROOT = Path(zoo.__file__).parent
ERRORS = {name for name, value in vars(zoo.errors).items() if isinstance(value, type)}


@dataclass(frozen=True)
class Frame:
    """A place that a traceback went through; `file` is relative to zoo/."""

    file: str
    function: str
    line: int


@dataclass(frozen=True)
class Site:
    """A statement that raises an error of the zoo, or calls a function that does nothing else."""

    file: str
    first: int
    last: int
    words: str

    def __str__(self) -> str:
        return f"zoo/{self.file}:{self.first}: {self.words}"

    def holds(self, frame: Frame) -> bool:
        """Whether a frame of a traceback stands in it."""
        return self.file == frame.file and self.first <= frame.line <= self.last


def all_sites() -> list[Site]:
    """Those of the whole package."""
    files = sorted(ROOT.rglob("*.py"))
    return [s for p in files for s in sites_of(p.read_text(), p.relative_to(ROOT).as_posix())]


def sites_of(source: str, file: str) -> Iterator[Site]:
    """Those of one file: where an error is made, or a function called that only raises."""
    tree = ast.parse(source)
    wanted = ERRORS | set(raisers(source))
    lines: set[int] = set()
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.Raise | ast.Expr | ast.Return | ast.Assign):
            continue
        made = {name_of(call) for call in ast.walk(statement) if isinstance(call, ast.Call)}
        if made & wanted and statement.lineno not in lines:
            lines.add(statement.lineno)
            words = " ".join(ast.unparse(statement).split())[:90]
            yield Site(file, statement.lineno, statement.end_lineno or statement.lineno, words)


def raisers(source: str) -> Iterator[str]:
    """The functions of a file that only raise: they never return."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        never = node.returns is not None and ast.unparse(node.returns) == "NoReturn"
        leaves = any(isinstance(inner, ast.Return | ast.Yield) for inner in ast.walk(node))
        if never or (_raises_own(node.body[-1]) and not leaves):
            yield node.name


def unreached(tails: Iterable[tuple[Frame, ...]]) -> list[Site]:
    """The sites at which none of some errors was raised.

    A tail is the innermost frame of an error within the zoo and the one that called it: the second
    counts where the first is in a function that only raises.
    """
    only_raise = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in ROOT.rglob("*.py")
        for name in raisers(path.read_text())
    }
    seen = set()
    for inner, *outer in tails:
        seen |= {inner, *(outer if (inner.file, inner.function) in only_raise else ())}
    return [site for site in all_sites() if not any(map(site.holds, seen))]


def name_of(call: ast.Call) -> str:
    """What is called, without what it is an attribute of."""
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _raises_own(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise) or not isinstance(statement.exc, ast.Call):
        return False
    return name_of(statement.exc) in ERRORS
