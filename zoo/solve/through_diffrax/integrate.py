"""One call of `diffrax.diffeqsolve`, and what it reported."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ...dynamics.base import Dynamics
from ...types import Args, State
from ..adjoints import ADJOINTS, refuse_gradient
from ..controllers import Norm
from ..counting import Report
from ..engine.interval import Interval, interval_of
from ..outcomes import Outcome
from ..solver import Solver
from ..times import Times, moving
from .controller import controller_of, observed_of
from .imex import terms_of
from .method import method_of
from .outcome import outcome_of


class _Shifted(eqx.Module):
    """A field of the time since the start, which Diffrax counts: a late start costs no precision.

    Of a jump, up to which and from behind which Diffrax steps, each side is seen from inside.
    """

    field: Any
    span: Interval

    def __call__(self, since: Any, y: Any, args: Args) -> Any:
        tau, number = self.span.sign * since, None
        if self.span.jumps:
            number = jnp.sum(self.span.pieces.stop[:-1] <= tau, dtype=jnp.int32)
        return self.field(self.span.time(tau, self.span.piece(number)), y, args)


def integrate(
    dynamics: Dynamics,
    field_of: Callable[[Dynamics], Dynamics],
    y0: State,
    args: Args,
    times: Times,
    solver: Solver,
    norm: Norm,
) -> tuple[PyTree[Array], Report]:
    """One call of `diffrax.diffeqsolve`; the values at the end or at the times wanted, and what it
    reported."""
    times = _defined(_differentiable(times, solver))
    times = moving(times, times.t0, times.ends)
    span, _ = interval_of(times, joint=True, batch_size=1)

    def shift(dynamics: Dynamics) -> _Shifted:
        return _Shifted(field_of(dynamics), span)

    saved = times.offsets if times.wanted else None
    end = times.offsets[-1] if times.wanted else times.offsets
    controller, dt0 = controller_of(shift(dynamics), span, end, y0, args, solver, norm)
    observed = not solver.is_constant
    build = ADJOINTS[solver.adjoint or ""].build
    assert build is not None, "replay is the engine's"
    solution = diffrax.diffeqsolve(
        terms_of(solver.method, dynamics, shift),
        method_of(solver, end.dtype),
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
        way_there = span.sign * jnp.where(jnp.isfinite(solution.ts), solution.ts, 0)
        reached = jnp.max(way_there, initial=0)
    seen = observed_of(solution.controller_state) if observed else None
    if seen is not None:  # times that were asked for may lie far before where it stopped
        reached = jnp.minimum(jnp.maximum(jnp.abs(reached), seen.time), span.length)
    finite = jnp.stack([jnp.isfinite(y).all() for y in jax.tree.leaves(ys)]).all()
    last_finite = jnp.ones((), bool) if seen is None else seen.finite
    implicit = isinstance(solver.method, diffrax.AbstractImplicitSolver)
    result = outcome_of(solution, ys, y0, finite, last_finite, implicit)
    if times.valid is not None:
        result = jnp.where(times.valid, result, jnp.asarray(Outcome.INVALID, jnp.int32))
    whole = jnp.where(span.length > 0, span.length, 1)
    report = Report(
        accepted=jnp.asarray(accepted, jnp.int32),
        rejected=jnp.asarray(steps - accepted, jnp.int32),
        first=jnp.minimum(steps, 1) if seen is None else seen.first,
        renewed=_renewed(span, jnp.abs(reached)),
        result=result,
        reached=jnp.where(span.length > 0, jnp.abs(reached) / whole, 1.0),
        time=span.t0 + span.sign * jnp.abs(reached),
    )
    return ys, jax.lax.stop_gradient(report)


def _renewed(span: Interval, reached: Array) -> Int[Array, ""]:
    """How many jumps were passed."""
    if not span.jumps:
        return jnp.zeros((), jnp.int32)
    stops = span.pieces.stop[:-1]
    return jnp.sum((stops < span.length) & (stops < reached), dtype=jnp.int32)


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
    t0 = jnp.where(jnp.isfinite(times.t0), times.t0, 0)
    ends, offsets = ((times.ends, t0), (times.offsets, 0))
    safely = (t0, *(jnp.where(times.valid, x, instead) for x, instead in (ends, offsets)))
    return eqx.tree_at(lambda t: (t.t0, t.ends, t.offsets), times, safely)


def _max_steps(solver: Solver, times: Times) -> int:
    """Attempts; each jump may break an equal step in two."""
    assert solver.max_steps is not None, "a resolved solver"
    more = times.jumps.size if times.jumps is not None and solver.is_constant else 0
    return solver.max_steps + more
