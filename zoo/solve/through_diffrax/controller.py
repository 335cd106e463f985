"""The controller of Diffrax's steps and the first step, as the engine would choose them."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...dynamics.base import Dynamics
from ...types import Args, State
from ..controllers import Norm, Observed, ObservedPID, first_step
from ..engine.interval import Interval
from ..solver import Solver
from .equal_pieces import EqualPieces


def controller_of(
    field: Dynamics, span: Interval, end: Array, y0: State, args: Args, solver: Solver, norm: Norm
) -> tuple[diffrax.AbstractStepSizeController, Array]:
    """The step size controller and the size of the first step, a positive number."""
    dtype = end.dtype

    def number(x: object) -> Array:
        return jax.lax.stop_gradient(jnp.asarray(x, dtype))

    if solver.is_constant:
        size = span.length / solver.steps if solver.steps else number(solver.dt0)
        size = jnp.where(span.length > 0, size, 1)  # Diffrax does not take a step of nothing
        return EqualPieces(size, span) if span.jumps else diffrax.ConstantStepSize(), size
    rtol, atol = number(solver.rtol), number(solver.atol)
    dtmax = None if solver.dtmax is None else number(solver.dtmax)
    controller: Any = ObservedPID(rtol, atol, norm, dtmax)
    if span.jumps:
        jumps = jnp.where(span.pieces.stop[:-1] < span.length, span.pieces.stop[:-1], jnp.inf)
        controller = diffrax.ClipStepSizeController(controller, jump_ts=span.sign * jumps)
    if solver.dt0 is not None:
        return controller, number(solver.dt0)
    assert isinstance(solver.method, diffrax.AbstractSolver), "steppers are the engine's"
    order: Any = solver.method.error_order(diffrax.ODETerm(field))
    # The step sizes are constants for the gradient, as everywhere in Diffrax.
    arrays, rest = eqx.partition((field, span, y0, args), eqx.is_array)
    field, span, y0, args = eqx.combine(jax.lax.stop_gradient(arrays), rest)

    def slope_at(tau: Array, y: State) -> State:
        return field(span.sign * tau, y, args)

    h, _ = first_step(slope_at, span.sign, span.length, y0, order, rtol, atol, norm)
    return controller, h if dtmax is None else jnp.minimum(h, dtmax)


def observed_of(state: Any) -> Observed:
    """What `ObservedPID` saw, from a controller's last state."""
    seen: Observed = (state if isinstance(state, tuple) else state.inner_state)[1]
    return seen
