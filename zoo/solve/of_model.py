"""The solvers that a model holds, one for each of its solves: found, and changed together."""

from collections.abc import Sequence
from typing import TypeGuard, TypeVar

import jax

from .solver import Solver

_Model = TypeVar("_Model")


def solvers_of(model: object) -> list[Solver]:
    """Every `Solver` that a model holds, in the order of its fields, one for each of its solves."""
    return [s for s in jax.tree.leaves(model, is_leaf=_is_solver) if _is_solver(s)]


def override(model: _Model, solver: Solver | None) -> _Model:
    """The model with what `solver` gives laid over each of its solvers.

    What is not given stays each solver's own (`Solver.over`): of two solves at rtol 1e-1 and 1e-3
    `override(model, Solver(batching="joint"))` keeps both tolerances. None changes nothing. Gives
    the solves that `model.forward(xs, solver=solver)` runs.
    """
    return with_solvers(model, laid_solvers(model, solver)) if solvers_of(model) else model


def laid_solvers(model: object, solver: Solver | None) -> list[Solver]:
    """The solvers that run where `forward` is given `solver`, in the order of `solvers_of`.

    Of a model that holds none, what was given: it is all that is known of its solves.
    """
    own = solvers_of(model)
    if solver is None:
        return own
    return [solver.over(each) for each in own] or [solver]


def with_solvers(model: _Model, solvers: Sequence[Solver]) -> _Model:
    """The model with these in the place of its own solvers, in the order of `solvers_of`."""
    left = iter(solvers)

    def put(node: object) -> object:
        return next(left) if _is_solver(node) else node

    changed: _Model = jax.tree.map(put, model, is_leaf=_is_solver)
    return changed


def isolates_failures(model: object, solver: Solver | None) -> bool:
    """Whether an example that fails in any of a model's solves leaves the others' gradients alone.

    `solver` is what is laid over each of them. False of a model that holds no solver where none is
    given either: nothing is known of its solves.
    """
    laid = laid_solvers(model, solver)
    return bool(laid) and all(each.isolates_failures for each in laid)


def _is_solver(node: object) -> TypeGuard[Solver]:
    return isinstance(node, Solver)
