"""What a search for an event refuses, before anything is compiled."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ...dynamics.base import Dynamics, describe, origin
from ...errors import ConfigError, DataError, DynamicsError
from ...registry import unknown
from ...types import Args, StateType
from ..checks import check_solves_odes
from ..engine.watch import Condition
from ..methods import takes_any_field
from ..solver import Solver

DIRECTIONS = {None: 0, "up": 1, "down": -1}


def check_solver(solver: Solver, direction: object) -> None:
    """Raise `ConfigError` for a resolved solver, or a direction, that finds no events."""
    if direction not in DIRECTIONS:
        known = [name for name in DIRECTIONS if name is not None]
        raise ConfigError(unknown("direction", str(direction), known))
    check_solves_odes(solver.method)
    if solver.adjoint != "replay":
        raise ConfigError(
            f"until with method={type(solver.method).__name__} and adjoint={solver.adjoint!r}: "
            "events are found by the loop of explicit methods, whose adjoint is 'replay'. Use one "
            "(diffrax.Dopri5()) and leave adjoint out; or, for one example at a time, "
            "diffrax.diffeqsolve with event=diffrax.Event(condition, root_finder)."
        )
    if not takes_any_field(solver.method or diffrax.Dopri5()):
        raise ConfigError(
            f"until with method={type(solver.method).__name__}, which takes dynamics by their "
            "parts: use an explicit Runge-Kutta method (diffrax.Dopri5())."
        )
    if solver.batching != "per-sample":
        raise ConfigError(
            f"until with batching={solver.batching!r}: one ODE for the batch cannot end for one "
            "example before the others. Use batching='per-sample'."
        )
    if solver.regulariser is not None:
        raise ConfigError(
            "until charges no regulariser: leave it out of the solver, or carry its cost in the "
            "state, (y, cost), with error_of=zoo.solve.first."
        )


def check_start(start: Array, batch_size: int, solver: Solver) -> None:
    """Raise `DataError` for times to start from that no solve can start from."""
    if start.shape != (batch_size,):
        raise DataError(
            f"start has shape {start.shape}: expected ({batch_size},), a time for each example; "
            "one for all is the solver's t0."
        )
    ends = solver.t0, solver.t1
    if any(isinstance(x, jax.core.Tracer) for x in (start, *ends)):
        return
    t0, t1 = (float(np.asarray(x, start.dtype)) for x in ends)
    late = np.flatnonzero((t1 - t0) * (t1 - np.asarray(start)) < 0)
    if len(late):
        raise DataError(
            f"start[{late[0]}] = {float(start[late[0]]):g} lies behind the end of the interval, "
            f"t1 = {t1:g}, of a solver that runs from {t0:g}: start before it, or at it."
        )


def check_condition(condition: Condition, y: StateType, args: Args, dtype: np.dtype) -> None:
    """Raise `DynamicsError` where a condition is no number of one example's (t, y, args)."""
    out = eqx.filter_eval_shape(condition, jax.ShapeDtypeStruct((), dtype), y, args)
    shape, kind = getattr(out, "shape", None), getattr(out, "dtype", None)
    if shape != () or kind is None or not jnp.issubdtype(kind, jnp.floating):
        raise DynamicsError(
            f"The condition {_name(condition)} does not return a floating scalar for an example.\n"
            f"  got:      {describe(out)}\n"
            "  expected: a number that crosses zero at the event, such as y[0] for a height (of a "
            "comparison like y[0] < 1: y[0] - 1)."
        )


def check_reset(reset: Dynamics, y: StateType, args: Args, dtype: np.dtype) -> None:
    """Raise `DynamicsError` where a reset does not return a state."""
    out = eqx.filter_eval_shape(reset, jax.ShapeDtypeStruct((), dtype), y, args)
    got, expected = describe(out), describe(y)
    if got != expected:
        raise DynamicsError(
            f"The reset {_name(reset)} does not return a state.\n  got:      {got}\n"
            f"  expected: {expected}, the shape and type of the state of one example."
        )


def _name(function: Any) -> str:
    try:
        return origin(function)
    except AttributeError:  # a builtin, or a partial application, is written nowhere
        return repr(function)
