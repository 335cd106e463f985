"""Schedules of tolerances: rtol as a function of the step, for one solve or for several."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

import equinox as eqx
from jaxtyping import Array

from ..errors import ConfigError
from ..solve import Solver, solvers_of
from ..solve.of_model import laid_solvers, with_solvers

Tolerance: TypeAlias = Callable[[Array], Array]
"""rtol as a function of the training step; an Optax schedule is one."""
Tolerances: TypeAlias = Tolerance | tuple[Tolerance | None, ...]
"""One for all solves of a model whose steps adapt, or one for each of its solvers, in the order of
`zoo.solve.solvers_of`; None for one that keeps its own."""

_Model = TypeVar("_Model")


def scheduled(
    model: _Model, solver: Solver | None, tolerances: Tolerances | None, step: Array
) -> tuple[_Model, Solver | None]:
    """The model and the solver that it is given in a training step, with that step's tolerances.

    `atol` keeps its ratio to `rtol`. Of a model with several solvers these hold the tolerances, and
    the solver that it is given has none to lay over them.
    """
    if tolerances is None or solver is None:
        return model, solver
    laid = [each.resolve() for each in laid_solvers(model, solver)]
    pairs = zip(laid, each_of(tolerances, len(laid)), strict=True)
    changed = [_at(each, tolerance, step) for each, tolerance in pairs]
    if len(solvers_of(model)) < 2:
        return model, changed[0]
    # Only numbers may differ from the model's own solvers: the optimiser's state has its structure.
    both = zip(solvers_of(model), changed, strict=True)
    own = [_with_tolerances(each, (new.rtol, new.atol)) for each, new in both]
    return with_solvers(model, own), _without_tolerances(solver)


def check_tolerances(tolerances: Tolerances | None, solvers: Sequence[Solver]) -> None:
    """Raise `ConfigError` for schedules of tolerances that solves of equal steps, or none, have."""
    if tolerances is None:
        return
    if isinstance(tolerances, tuple) and len(tolerances) != len(solvers):
        raise ConfigError(
            f"tolerance holds {len(tolerances)} schedules, and the model solves with "
            f"{len(solvers)}: expected one for each of zoo.solve.solvers_of(model), None for one "
            "that keeps its own, or a single schedule for all."
        )
    adaptive = [not each.is_constant for each in solvers]
    each = each_of(tolerances, len(solvers))
    named = isinstance(tolerances, tuple)
    wrong = [named and t is not None and not a for t, a in zip(each, adaptive, strict=True)]
    if any(wrong) or not any(adaptive):
        raise ConfigError("A schedule of tolerances needs a solver whose steps are adaptive.")


def each_of(tolerances: Tolerances, count: int) -> tuple[Tolerance | None, ...]:
    """The schedule of each of so many solvers."""
    return tolerances if isinstance(tolerances, tuple) else (tolerances,) * count


def _at(solver: Solver, tolerance: Tolerance | None, step: Array) -> Solver:
    """A resolved solver with the tolerances of a step; one of equal steps as it is."""
    if tolerance is None or solver.is_constant:
        return solver
    assert solver.rtol is not None and solver.atol is not None, "a resolved solver"
    rtol = tolerance(step)
    return _with_tolerances(solver, (rtol, rtol * solver.atol / solver.rtol))


def _with_tolerances(solver: Solver, pair: tuple[Any, Any]) -> Solver:
    def where(s: Solver) -> tuple[object, object]:
        return (s.rtol, s.atol)

    changed: Solver = eqx.tree_at(where, solver, pair, is_leaf=lambda x: x is None)
    return changed


def _without_tolerances(solver: Solver) -> Solver:
    """What a solver gives but its tolerances; that these mean steps which adapt it still says."""
    if solver.rtol is None and solver.atol is None:
        return solver
    return replace(solver, rtol=None, atol=None, controller="pid")
