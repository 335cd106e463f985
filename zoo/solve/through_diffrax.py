"""The route through `diffrax.diffeqsolve`: implicit methods, and Diffrax's own adjoints."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix
from jaxtyping import Array, Bool, Int, PyTree

from ..dynamics.base import Dynamics, lift
from ..types import Stats
from .adjoints import ADJOINTS, refuse_gradient
from .controllers import (
    Norm,
    Observed,
    ObservedPID,
    batch_norm,
    example_norm,
    first_step,
    worst_example_norm,
)
from .counting import Report, joint_stats, per_sample_stats
from .engine.way import Way, way_of
from .equal_pieces import EqualPieces
from .imex import IMEX, solves_linearly, terms_of
from .outcomes import Outcome
from .solver import Solver
from .times import Times, moving

# Growth of the state, from one or from its start, that no solution of use survives.
_GREW = 1e6


def through_diffrax(
    dynamics: Dynamics, y0: Any, args: Any, times: Times, solver: Solver, error_of: Callable
) -> tuple[PyTree[Array], Stats]:
    """The states at the end, or [B, T, ...] at the times wanted, and `Stats`, by Diffrax's loop."""
    route = _per_sample if solver.batching == "per-sample" else _joint
    return route(dynamics, y0, args, times, solver, error_of)


def _per_sample(
    dynamics: Dynamics, y0: Any, args: Any, times: Times, solver: Solver, error_of: Callable
) -> tuple[PyTree[Array], Stats]:
    """Each example its own solve: `vmap` around Diffrax's loop, which waits for the last one."""
    shared = jax.tree.map(lambda _: None, times)
    rows = lambda x, axes: None if x is None or x.ndim < axes else 0  # noqa: E731
    of_ends, of_jumps = rows(times.ends, 2), rows(times.jumps, 2)
    own = (of_ends, of_ends, of_jumps, of_jumps, rows(times.valid, 1))
    where = lambda t: (t.ends, t.offsets, t.jumps, t.jump_offsets, t.valid)  # noqa: E731
    axes = eqx.tree_at(where, shared, own, is_leaf=lambda x: x is None)
    in_axes = (eqx.if_array(0), eqx.if_array(0), axes)

    def one(y0: Any, args: Any, times: Times) -> tuple[PyTree[Array], Report]:
        norm: Norm = lambda y: example_norm(error_of(y))  # noqa: E731
        return _integrate(dynamics, _alone, y0, args, times, solver, norm)

    ys, report = eqx.filter_vmap(one, in_axes=in_axes)(y0, args, times)
    return ys, per_sample_stats(report, solver)


def _joint(
    dynamics: Dynamics, y0: Any, args: Any, times: Times, solver: Solver, error_of: Callable
) -> tuple[PyTree[Array], Stats]:
    """One ODE for the batch, its error that of the worst example or of the whole batch."""
    whole = batch_norm if solver.batching == "joint-rms" else worst_example_norm
    norm: Norm = lambda y: whole(error_of(y))  # noqa: E731
    ys, report = _integrate(dynamics, _Lifted, y0, args, times, solver, norm)
    if times.wanted:
        ys = jax.tree.map(lambda y: jnp.moveaxis(y, 0, 1), ys)
    return ys, joint_stats(report, solver, jax.tree.leaves(y0)[0].shape[0])


def _alone(dynamics: Dynamics) -> Dynamics:
    return dynamics


class _Lifted(eqx.Module):
    """Dynamics as a vector field of the batch; a module, so that adjoints see its parameters."""

    dynamics: Any

    def __call__(self, t: Any, ys: Any, args: Any) -> Any:
        return lift(self.dynamics)(t, ys, args)


class _Shifted(eqx.Module):
    """A field of the time since the start, which Diffrax counts: a late start costs no precision.

    Of a jump, up to which and from behind which Diffrax steps, each side is seen from inside.
    """

    field: Any
    way: Way

    def __call__(self, since: Any, y: Any, args: Any) -> Any:
        tau, number = self.way.sign * since, None
        if self.way.jumps:
            number = jnp.sum(self.way.pieces.stop[:-1] <= tau, dtype=jnp.int32)
        return self.field(self.way.time(tau, self.way.piece(number)), y, args)


def _integrate(
    dynamics: Dynamics,
    field_of: Callable[[Dynamics], Dynamics],
    y0: PyTree[Array],
    args: Any,
    times: Times,
    solver: Solver,
    norm: Norm,
) -> tuple[PyTree[Array], Report]:
    """One call of `diffrax.diffeqsolve`; the values at the end or at the times wanted, and what it
    reported."""
    times = _defined(_differentiable(times, solver))
    times = moving(times, times.t0, times.ends)
    way, _ = way_of(times, joint=True, batch_size=1)
    shift = lambda dynamics: _Shifted(field_of(dynamics), way)  # noqa: E731
    saved = times.offsets if times.wanted else None
    end = times.offsets[-1] if times.wanted else times.offsets
    controller, dt0 = _controller(shift(dynamics), way, end, y0, args, solver, norm)
    observed = not solver.is_constant
    build = ADJOINTS[solver.adjoint or ""].build
    assert build is not None, "replay is the engine's"
    solution = diffrax.diffeqsolve(
        terms_of(solver.method, dynamics, shift),
        _method(solver, end.dtype),
        jnp.zeros_like(end),
        end,
        jnp.where(end < 0, -dt0, dt0),
        y0,
        args,
        saveat=diffrax.SaveAt(t1=saved is None, ts=saved, controller_state=observed),
        stepsize_controller=controller,
        adjoint=build(controller, norm),
        max_steps=_max_steps(solver, times),
        throw=False,
    )
    assert solution.ts is not None and solution.ys is not None
    steps, accepted = solution.stats["num_steps"], solution.stats["num_accepted_steps"]
    if saved is None:
        ys = jax.tree.map(lambda y: y[-1], solution.ys)
        reached = solution.ts[-1]
    else:
        # Diffrax saves on the way: what was asked for at t0 itself is the state it started from.
        ys = jax.tree.map(
            lambda y, s: jnp.where((saved == 0).reshape(-1, *[1] * s.ndim), s, y), solution.ys, y0
        )
        way_there = way.sign * jnp.where(jnp.isfinite(solution.ts), solution.ts, 0)
        reached = jnp.max(way_there, initial=0)
    seen = _observed(solution.controller_state) if observed else None
    finite = jnp.stack([jnp.isfinite(y).all() for y in jax.tree.leaves(ys)]).all()
    last_finite = jnp.ones((), bool) if seen is None else seen.finite
    implicit = isinstance(solver.method, diffrax.AbstractImplicitSolver)
    result = _outcome(solution, ys, y0, finite, last_finite, implicit)
    if times.valid is not None:
        result = jnp.where(times.valid, result, jnp.asarray(Outcome.INVALID, jnp.int32))
    whole = jnp.where(way.length > 0, way.length, 1)
    report = Report(
        accepted=jnp.asarray(accepted, jnp.int32),
        rejected=jnp.asarray(steps - accepted, jnp.int32),
        first=jnp.minimum(steps, 1) if seen is None else seen.first,
        renewed=_renewed(way, jnp.abs(reached)),
        result=result,
        reached=jnp.where(way.length > 0, jnp.abs(reached) / whole, 1.0),
    )
    return ys, jax.lax.stop_gradient(report)


def _renewed(way: Way, reached: Array) -> Int[Array, ""]:
    """How many jumps were passed."""
    if not way.jumps:
        return jnp.zeros((), jnp.int32)
    stops = way.pieces.stop[:-1]
    return jnp.sum((stops < way.length) & (stops < reached), dtype=jnp.int32)


def _differentiable(times: Times, solver: Solver) -> Times:
    """The times, by which an adjoint that cannot differentiate refuses to be asked to."""
    if ADJOINTS[solver.adjoint or ""].differentiates_times:
        return times
    name = str(solver.adjoint)
    t0, ends = refuse_gradient(times.t0, "t0", name), refuse_gradient(times.ends, "t1", name)
    return eqx.tree_at(lambda t: (t.t0, t.ends), times, (t0, ends))


def _defined(times: Times) -> Times:
    """The times; an interval of length zero where they make no sense, so that it is soon over."""
    if times.valid is None:
        return times
    safe = lambda x, instead: jnp.where(times.valid, x, instead)  # noqa: E731
    t0 = jnp.where(jnp.isfinite(times.t0), times.t0, 0)
    safely = (t0, safe(times.ends, t0), safe(times.offsets, 0))
    return eqx.tree_at(lambda t: (t.t0, t.ends, t.offsets), times, safely)


def _max_steps(solver: Solver, times: Times) -> int:
    """Attempts; each jump may break an equal step in two."""
    assert solver.max_steps is not None, "a resolved solver"
    more = times.jumps.size if times.jumps is not None and solver.is_constant else 0
    return solver.max_steps + more


def _method(solver: Solver, dtype: Any) -> Any:
    """The method. An implicit one whose equations are linear solves them as such; others, where no
    tolerance of the steps says how well, to two thirds of the digits.

    Diffrax's own iteration takes what rounding leaves of the first correction for divergence, which
    adaptive steps forgive and equal ones cannot.
    """
    method = solver.method
    if not isinstance(method, diffrax.AbstractImplicitSolver):
        return method
    finder: Any = method.root_finder
    if isinstance(finder.rtol, float | jax.Array):
        return method
    if isinstance(method, IMEX):
        return solves_linearly(method)
    if not solver.is_constant:
        return method
    tolerance = float(jnp.finfo(dtype).eps) ** (2 / 3)
    chord: Any = optimistix.Chord(rtol=tolerance, atol=tolerance)
    return eqx.tree_at(lambda m: m.root_finder, method, chord)


def _controller(
    field: Any, way: Way, end: Array, y0: Any, args: Any, solver: Solver, norm: Norm
) -> tuple[Any, Array]:
    """The step size controller and the size of the first step, a positive number."""
    dtype = end.dtype
    number = lambda x: jax.lax.stop_gradient(jnp.asarray(x, dtype))  # noqa: E731
    if solver.is_constant:
        size = way.length / solver.steps if solver.steps else number(solver.dt0)
        size = jnp.where(way.length > 0, size, 1)  # Diffrax does not take a step of nothing
        return EqualPieces(size, way) if way.jumps else diffrax.ConstantStepSize(), size
    rtol, atol = number(solver.rtol), number(solver.atol)
    dtmax = None if solver.dtmax is None else number(solver.dtmax)
    controller: Any = ObservedPID(rtol, atol, norm, dtmax)
    if way.jumps:
        jumps = jnp.where(way.pieces.stop[:-1] < way.length, way.pieces.stop[:-1], jnp.inf)
        controller = diffrax.ClipStepSizeController(controller, jump_ts=way.sign * jumps)
    if solver.dt0 is not None:
        return controller, number(solver.dt0)
    assert isinstance(solver.method, diffrax.AbstractSolver), "steppers are the engine's"
    order: Any = solver.method.error_order(diffrax.ODETerm(field))
    # The step sizes are constants for the gradient, as everywhere in Diffrax.
    arrays, rest = eqx.partition((field, way, y0, args), eqx.is_array)
    field, way, y0, args = eqx.combine(jax.lax.stop_gradient(arrays), rest)
    slope_at = lambda tau, y: field(way.sign * tau, y, args)  # noqa: E731
    h, _ = first_step(slope_at, way.sign, way.length, y0, order, rtol, atol, norm)
    return controller, h if dtmax is None else jnp.minimum(h, dtmax)


def _observed(state: Any) -> Observed:
    """What `ObservedPID` saw, from a controller's last state."""
    seen: Observed = (state if isinstance(state, tuple) else state.inner_state)[1]
    return seen


def _outcome(
    solution: diffrax.Solution,
    ys: Any,
    y0: Any,
    finite: Bool[Array, ""],
    last_finite: Bool[Array, ""],
    implicit: bool,
) -> Int[Array, ""]:
    """The code of `Outcome`; the first that fits."""
    size = lambda tree: jnp.stack([jnp.abs(x).max(initial=0) for x in jax.tree.leaves(tree)]).max()  # noqa: E731
    done: Any = solution.result == diffrax.RESULTS.successful
    stopped: Any = solution.result == diffrax.RESULTS.max_steps_reached
    grew = ~(size(ys) <= _GREW * (1 + size(y0)))
    cases = [
        (done & finite, Outcome.SUCCESS),
        (finite & grew, Outcome.GREW),
        (~last_finite | (done & ~finite), Outcome.NON_FINITE),
        (stopped, Outcome.MAX_STEPS_IMPLICIT if implicit else Outcome.STOPPED),
    ]
    code = jnp.asarray(Outcome.IMPLICIT_FAILED, jnp.int32)
    for condition, outcome in reversed(cases):
        code = jnp.where(condition, jnp.asarray(outcome, jnp.int32), code)
    return code
