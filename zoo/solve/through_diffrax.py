"""The route through `diffrax.diffeqsolve`: implicit methods, and Diffrax's own adjoints."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree

from ..dynamics.base import Dynamics, lift
from ..types import Stats
from .adjoints import ADJOINTS, refuse_gradient
from .controllers import (
    Norm,
    ObservedPID,
    batch_norm,
    example_norm,
    first_step,
    worst_example_norm,
)
from .counting import Report, joint_stats, per_sample_stats
from .outcomes import Outcome
from .solver import Solver

# Growth of the state, from one or from its start, that no solution of use survives.
_GREW = 1e6


def through_diffrax(
    dynamics: Dynamics, y0: Any, args: Any, ts: Any, solver: Solver, controlled: Callable
) -> tuple[PyTree[Array], Stats]:
    """The states at the end, or [B, T, ...] at `ts`, and `Stats`, by Diffrax's own loop."""
    route = _per_sample if solver.batching == "per-sample" else _joint
    return route(dynamics, y0, args, ts, solver, controlled)


def _per_sample(
    dynamics: Dynamics, y0: Any, args: Any, ts: Any, solver: Solver, controlled: Callable
) -> tuple[PyTree[Array], Stats]:
    """Each example its own solve: `vmap` around Diffrax's loop, which waits for the last one."""
    times = 0 if ts is not None and ts.ndim == 2 else None
    in_axes = (eqx.if_array(0), eqx.if_array(0), times)

    def one(y0: Any, args: Any, ts: Any) -> tuple[PyTree[Array], Report]:
        norm: Norm = lambda y: example_norm(controlled(y))  # noqa: E731
        return _integrate(dynamics, y0, args, ts, solver, norm)

    ys, report = eqx.filter_vmap(one, in_axes=in_axes)(y0, args, ts)
    return ys, per_sample_stats(report, solver)


def _joint(
    dynamics: Dynamics, y0: Any, args: Any, ts: Any, solver: Solver, controlled: Callable
) -> tuple[PyTree[Array], Stats]:
    """One ODE for the batch, its error that of the worst example or of the whole batch."""
    whole = batch_norm if solver.batching == "joint-rms" else worst_example_norm
    norm: Norm = lambda y: whole(controlled(y))  # noqa: E731
    ys, report = _integrate(_Lifted(dynamics), y0, args, ts, solver, norm)
    if ts is not None:
        ys = jax.tree.map(lambda y: jnp.moveaxis(y, 0, 1), ys)
    return ys, joint_stats(report, solver, jax.tree.leaves(y0)[0].shape[0])


class _Lifted(eqx.Module):
    """Dynamics as a vector field of the batch; a module, so that adjoints see its parameters."""

    dynamics: Any

    def __call__(self, t: Any, ys: Any, args: Any) -> Any:
        return lift(self.dynamics)(t, ys, args)


def _integrate(
    field: Callable[[Any, Any, Any], Any],
    y0: PyTree[Array],
    args: Any,
    ts: Array | None,
    solver: Solver,
    norm: Norm,
) -> tuple[PyTree[Array], Report]:
    """One call of `diffrax.diffeqsolve`; the values at the end or at `ts`, and what it reported."""
    t0, t1 = _interval(solver, ts, y0)
    controller, dt0 = _controller(field, t0, t1, y0, args, solver, norm)
    observed = isinstance(controller, ObservedPID)
    build = ADJOINTS[solver.adjoint or ""].build
    assert build is not None, "replay is the engine's"
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(field),
        solver.method,
        t0,
        t1,
        jnp.where(t1 < t0, -dt0, dt0),
        y0,
        args,
        saveat=diffrax.SaveAt(t1=ts is None, ts=ts, controller_state=observed),
        stepsize_controller=controller,
        adjoint=build(controller, norm),
        max_steps=solver.max_steps,
        throw=False,
    )
    assert solution.ts is not None and solution.ys is not None
    steps, accepted = solution.stats["num_steps"], solution.stats["num_accepted_steps"]
    if ts is None:
        ys = jax.tree.map(lambda y: y[-1], solution.ys)
        t_end = solution.ts[-1]
    else:
        # Diffrax saves on the way: what was asked for at t0 itself is the state it started from.
        ys = jax.tree.map(
            lambda y, s: jnp.where((ts == t0).reshape(-1, *[1] * s.ndim), s, y), solution.ys, y0
        )
        t_end = jnp.max(jnp.where(jnp.isfinite(solution.ts), solution.ts, -jnp.inf), initial=t0)
    seen = solution.controller_state[1] if observed else None
    finite = jnp.stack([jnp.isfinite(y).all() for y in jax.tree.leaves(ys)]).all()
    report = Report(
        accepted=jnp.asarray(accepted, jnp.int32),
        rejected=jnp.asarray(steps - accepted, jnp.int32),
        first=jnp.minimum(steps, 1) if seen is None else seen.first,
        result=_outcome(solution, ys, y0, finite, True if seen is None else seen.finite),
        reached=jnp.where(t1 == t0, 1.0, (t_end - t0) / jnp.where(t1 == t0, 1.0, t1 - t0)),
    )
    return ys, jax.lax.stop_gradient(report)


def _interval(solver: Solver, ts: Array | None, y0: PyTree[Array]) -> tuple[Array, Array]:
    """Start and end as arrays of the time type; the end is the last of `ts` where given."""
    dtype = jnp.result_type(jnp.float32, *jax.tree.leaves(y0))
    t0 = jnp.asarray(solver.t0, dtype)
    t1 = jnp.asarray(solver.t1 if ts is None else ts[-1], dtype)
    if ADJOINTS[solver.adjoint or ""].differentiates_times:
        return t0, t1
    name = str(solver.adjoint)
    return refuse_gradient(t0, "t0", name), refuse_gradient(t1, "t1", name)


def _controller(
    field: Any, t0: Array, t1: Array, y0: Any, args: Any, solver: Solver, norm: Norm
) -> tuple[Any, Array]:
    """The step size controller and the size of the first step, a positive number."""
    if solver.is_constant:
        given = jnp.abs(t1 - t0) / solver.steps if solver.steps else solver.dt0
        return diffrax.ConstantStepSize(), jax.lax.stop_gradient(jnp.asarray(given, t0.dtype))
    rtol, atol = jnp.asarray(solver.rtol, t0.dtype), jnp.asarray(solver.atol, t0.dtype)
    pid = ObservedPID(rtol, atol, norm)
    if solver.dt0 is not None:
        return pid, jax.lax.stop_gradient(jnp.asarray(solver.dt0, t0.dtype))
    assert solver.method is not None
    order: Any = solver.method.error_order(diffrax.ODETerm(field))
    # The step sizes are constants for the gradient, as everywhere in Diffrax.
    arrays, rest = eqx.partition((field, t0, t1, y0, args), eqx.is_array)
    field, t0, t1, y0, args = eqx.combine(jax.lax.stop_gradient(arrays), rest)
    return pid, first_step(field, t0, t1, y0, args, order, rtol, atol, norm)[0]


def _outcome(
    solution: diffrax.Solution, ys: Any, y0: Any, finite: Bool[Array, ""], last_finite: Any
) -> Int[Array, ""]:
    """The code of `Outcome`; the first that fits."""
    size = lambda tree: jnp.stack([jnp.abs(x).max(initial=0) for x in jax.tree.leaves(tree)]).max()  # noqa: E731
    done = solution.result == diffrax.RESULTS.successful
    stopped = solution.result == diffrax.RESULTS.max_steps_reached
    grew = ~(size(ys) <= _GREW * (1 + size(y0)))
    cases = [
        (done & finite, Outcome.SUCCESS),
        (finite & grew, Outcome.GREW),
        (~last_finite | (done & ~finite), Outcome.NON_FINITE),
        (stopped, Outcome.STOPPED),
    ]
    code = jnp.asarray(Outcome.IMPLICIT_FAILED, jnp.int32)
    for condition, outcome in reversed(cases):
        code = jnp.where(condition, jnp.asarray(outcome, jnp.int32), code)
    return code
