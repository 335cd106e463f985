"""Every attempt at a step in the solve of one example: where, how long, and its error."""

from typing import Any, NamedTuple

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from ..dynamics.base import lift
from ..models import AbstractODEModel
from ..precision import at_least_float32
from ..solve import Solver
from ..solve.controllers import Norm, example_norm, first_step
from ..solve.through_diffrax.imex import terms_of
from ..types import AnyArray, Args, State


class Attempts(NamedTuple):
    """A row for each attempt, in order."""

    start: Float[np.ndarray, " N"]
    stop: Float[np.ndarray, " N"]
    error: Float[np.ndarray, " N"]
    """In units of `atol + rtol * abs(y)`: an attempt is accepted where it is below 1."""
    accepted: Bool[np.ndarray, " N"]


def attempts_of(model: AbstractODEModel, x: AnyArray, args: Args = None) -> Attempts:
    """The attempts of a model's main solver, which adapts its steps, on one example, solved alone.

    Taken by Diffrax's loop, up to the end or `max_steps`; `x` and `args` have no batch axis. The
    engine's loop takes the same in float64. In float32 an error that is within rounding of 1 may
    be accepted by one and rejected by the other.
    """
    solver = model.effective().resolve()

    def leading(leaf: object) -> object:
        return jnp.asarray(leaf)[None] if eqx.is_array_like(leaf) else leaf

    xs, args = jax.tree.map(leading, (x, args))
    count, rows = _solve(model, xs, args, solver)
    # What follows the last attempt is room for more of them.
    start, stop, error, accepted = np.asarray(rows, np.float64)[: int(count)].T
    sign = -1.0 if solver.t1 < solver.t0 else 1.0  # type: ignore[operator]
    return Attempts(sign * start, sign * stop, error, accepted.astype(bool))


class _Recorded(NamedTuple):
    """The controller's own state, and the attempts so far in the first rows of a table."""

    state: Any
    taken: Array
    rows: Float[Array, "max_steps 4"]


class _RecordingPID(diffrax.AbstractAdaptiveStepSizeController[Any, Any]):
    """Diffrax's PID controller, which also writes down each attempt that it judges."""

    rtol: Any
    atol: Any
    norm: Norm
    max_steps: int = eqx.field(static=True)

    def wrap(self, direction: Any) -> "_RecordingPID":
        """As Diffrax's base class says."""
        return self

    def _pid(self) -> diffrax.PIDController:
        return diffrax.PIDController(rtol=self.rtol, atol=self.atol, norm=self.norm)

    def init(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """As Diffrax's base class says, with an empty table."""
        first, state = self._pid().init(*args, **kwargs)
        rows = jnp.zeros((self.max_steps, 4), jnp.asarray(first).dtype)
        return first, _Recorded(state, jnp.zeros((), int), rows)

    def adapt_step_size(
        self, t0: Any, t1: Any, y0: State, y1: Any, args: Args, y_error: Any, order: Any, state: Any
    ) -> tuple[Any, ...]:
        """As Diffrax's base class says."""
        kept, *times, inner, result = self._pid().adapt_step_size(
            t0, t1, y0, y1, args, y_error, order, state.state
        )
        y1 = jnp.where(jnp.isnan(y1).any(), y0, y1)
        most = jnp.maximum(jnp.abs(y0), jnp.abs(y1))
        error = self.norm(y_error / (self.atol + most * self.rtol))
        row = jnp.stack([jnp.asarray(each, state.rows.dtype) for each in (t0, t1, error, kept)])
        rows = state.rows.at[state.taken].set(row)
        return kept, *times, _Recorded(inner, state.taken + 1, rows), result


@eqx.filter_jit
def _solve(model: AbstractODEModel, xs: Array, args: Args, solver: Solver) -> tuple[Array, Array]:
    """The number of attempts, and a table with room for `max_steps`."""
    assert isinstance(solver.method, diffrax.AbstractSolver), "steps that adapt are Diffrax's"
    assert solver.max_steps is not None, "a resolved solver"
    y = model.initial_state(xs)
    y = jnp.asarray(y, solver.dtype or at_least_float32(y.dtype))

    def number(value: float | Array | None) -> Array:
        return jnp.asarray(value, y.dtype)

    t0, t1, rtol, atol = map(number, (solver.t0, solver.t1, solver.rtol, solver.atol))
    field = lift(model.dynamics)
    term = terms_of(solver.method, model.dynamics, lift)
    order: Any = solver.method.error_order(term)
    if solver.dt0 is None:
        sign, length = jnp.where(t1 < t0, -1, 1).astype(y.dtype), jnp.abs(t1 - t0)

        def slope_at(tau: Array, y: Array) -> Array:
            return field(t0 + sign * tau, y, args)

        h, _ = first_step(slope_at, sign, length, y, order, rtol, atol, example_norm)
    else:
        h = number(solver.dt0)
    solution = diffrax.diffeqsolve(
        term,
        solver.method,
        t0,
        t1,
        jnp.where(t1 < t0, -h, h),
        y,
        args,
        saveat=diffrax.SaveAt(t1=True, controller_state=True),
        stepsize_controller=_RecordingPID(rtol, atol, example_norm, solver.max_steps),
        max_steps=solver.max_steps,
        throw=False,
    )
    recorded: Any = solution.controller_state
    return recorded.taken, recorded.rows
