"""One solver laid over another: what is given replaces, and what contradicts it is dropped."""

from dataclasses import fields, replace
from typing import Any, TypeVar

_Solver = TypeVar("_Solver", bound=Any)


def laid_over(solver: _Solver, base: _Solver) -> _Solver:
    """What a `Solver` gives, laid over `base`: see `Solver.over`.

    Where the result is one of the two it is that one, which was checked when it was made.
    """
    dropped = _dropped(solver, base)
    given = {field.name: getattr(solver, field.name) for field in fields(solver)}
    taken = {n: v for n, v in given.items() if v is not None or n in dropped}
    for known in (solver, base):
        same = all(taken.get(n, getattr(base, n)) is getattr(known, n) for n in given)
        if same and type(known) is type(base):
            return known
    return replace(base, **taken)


def _dropped(solver: Any, base: Any) -> tuple[str, ...]:
    """The fields that `base` loses where `solver` does not give them."""
    tolerances = solver.rtol is not None or solver.atol is not None
    grid = solver.steps is not None or solver.controller == "constant"
    dropped: tuple[str, ...] = ()
    if grid:
        dropped = ("rtol", "atol", "dtmax", "controller")
        dropped += ("dt0",) if solver.steps else ("steps",)
    elif base.is_constant and (tolerances or solver.controller == "pid"):
        dropped = ("steps", "dt0", "controller")
    elif solver.dt0 is not None:
        dropped = ("steps",)
    if solver.rtol is not None:
        dropped += ("atol",)  # where only rtol is given, atol follows it
    return dropped
