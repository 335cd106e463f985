"""Public annotations say what goes in: few are a bare `Any`, `PyTree` or `Callable`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import zoo

SAY_NOTHING = {"Any", "PyTree", "Callable"}
LIMIT = 0.05
ROOT = Path(zoo.__file__).parent


def is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__")


def of_function(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What is said of the arguments of a function, and of what it returns."""
    taken = function.args
    named = [*taken.posonlyargs, *taken.args, taken.vararg, *taken.kwonlyargs, taken.kwarg]
    yield from (each.annotation for each in named if each is not None and each.annotation)
    if function.returns is not None:
        yield function.returns


def annotations(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """Those of public functions, and of methods and fields of public classes."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and is_public(node.name):
            yield from of_function(node)
        elif isinstance(node, ast.ClassDef) and is_public(node.name):
            yield from annotations(node.body)
            fields = (f for f in node.body if isinstance(f, ast.AnnAssign))
            yield from (f.annotation for f in fields if is_public(ast.unparse(f.target)))


def says_nothing(annotation: ast.AST) -> bool:
    """Whether one of the names is all that is said of the whole or of a part of it."""
    if isinstance(annotation, ast.Subscript):
        return says_nothing(annotation.slice)
    if isinstance(annotation, ast.Name | ast.Attribute):
        return ast.unparse(annotation).rpartition(".")[2] in SAY_NOTHING
    return any(map(says_nothing, ast.iter_child_nodes(annotation)))


def test_what_counts_as_saying_nothing():
    told = ["PyTree[Array]", "Callable[[Array], Array]", "Any | None", "dict[str, Any]", "PyTree"]
    assert [says_nothing(ast.parse(each, mode="eval").body) for each in told] == [0, 0, 1, 1, 1]


def test_few_public_annotations_say_nothing():
    files = {path: ast.parse(path.read_text()).body for path in ROOT.rglob("*.py")}
    said = [(path, each) for path, body in files.items() for each in annotations(body)]
    empty = [
        f"{path.relative_to(ROOT)}:{each.lineno} {ast.unparse(each)}"
        for path, each in said
        if says_nothing(each)
    ]
    listed = "\n".join(empty)
    assert len(empty) <= LIMIT * len(said), f"{len(empty)} of {len(said)}:\n{listed}"
