"""The engine's loop: a batch of solves, each by its own steps or all by the same."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..controllers import first_step
from . import record as records
from .carry import Carry, Fields, Report, Way, carry_of_all, carry_of_few, of_lanes, unfinished
from .devices import while_loop
from .diagnosis import count_strikes, limited_by_stability, lost, outcome_of, too_short
from .lanes import Lane, choose, largest
from .outputs import begin, make
from .plan import Plan, control, equal_steps
from .record import Record
from .step import Stages, combine, take_step

# Steps this near to the end go to it, since what remained would be rounding.
_END_ULPS = 100


def run(
    plan: Plan,
    fields: Fields,
    args: Any,
    y0: PyTree[Array],
    way: Way,
    times: Array | None,
    keep: bool,
) -> tuple[PyTree[Array], Report, Record | None]:
    """The states at the end, or at `times`, [T, B, ...]; what happened; with `keep` the record."""
    carry = _begin(plan, fields.all, args, y0, way, times, keep)
    carry = last = _loop(plan, fields.all, args, way, carry, None)
    if plan.few:
        go_on = lambda carry: _with_few(plan, fields.few, args, way, carry)  # noqa: E731
        last = jax.lax.cond(carry.running.any(), go_on, lambda carry: carry, carry)
    report = Report(
        last.accepted,
        last.attempts,
        outcome_of(plan, way, last),
        jnp.where(way.stop == way.start, 1.0, (last.start - way.start) / (way.stop - way.start)),
        carry.attempts.max(),
    )
    if last.outputs is None:
        return last.y, report, last.record
    return jax.tree.map(lambda v: v[:-1], last.outputs.values), report, last.record


def _loop(plan: Plan, field: Any, args: Any, way: Way, carry: Carry, lane: Array | None) -> Carry:
    """Attempts until all lanes are done, or so many that the others may go on without them."""
    most = plan.few if lane is None else 0
    going = lambda c: jnp.sum(c.running) > most if most else c.running.any()  # noqa: E731
    body = lambda carry: _attempt(plan, field, args, way, carry, lane)  # noqa: E731
    return while_loop(going, body, carry)


def _with_few(plan: Plan, field: Any, args: Any, way: Way, carry: Carry) -> Carry:
    """The lanes that are not done yet go on without the others, which then cost nothing more."""
    lane = unfinished(carry, plan.few)
    args, way = of_lanes((args, way), lane)
    few = _loop(plan, field, args, way, carry_of_few(carry, lane), lane)
    return carry_of_all(carry, lane, few)


def _begin(
    plan: Plan, field: Any, args: Any, y0: Any, way: Way, times: Array | None, keep: bool
) -> Carry:
    h, slope = _first_step(plan, field, args, y0, way)
    # A constant for second derivatives too, as the steps after it are.
    h = jax.lax.stop_gradient(h) if plan.adaptive else h
    stop = _to_end(way.start, jnp.minimum(way.start + h, way.stop), way, True)
    defined = jnp.isfinite(largest((y0, slope), plan.joint))
    running = (way.start < way.stop) & defined
    zero = jnp.zeros(running.shape, jnp.int32)
    one = jnp.ones(running.shape, jnp.result_type(*jax.tree.leaves(y0)))
    outputs = None if times is None else begin(times, way.start, y0)
    record = None
    if keep:
        made = None if outputs is None else outputs.made
        ring = records.ring_size(plan.max_steps, y0)
        record = records.empty(plan.max_steps, ring, way.start, made, y0)
    return Carry(
        start=way.start,
        stop=stop,
        y=y0,
        slope=slope if plan.tableau.reuses else None,
        memory=(one, one),
        accepted=zero,
        attempts=zero,
        running=running,
        base=1 + largest(y0, plan.joint),
        strikes=jnp.where(defined, 0, -1).astype(jnp.int32),
        limited=zero,
        record=record,
        outputs=outputs,
    )


def _first_step(plan: Plan, field: Any, args: Any, y0: Any, way: Way) -> tuple[Lane, Any]:
    """The first step's size and, where it was looked at or is reused, the slope at the start."""
    t0, t1 = way.sign * way.start, way.sign * way.stop
    if not plan.adaptive:
        h = (way.stop - way.start) / jnp.maximum(equal_steps(plan, way.start, way.stop), 1)
        return h, field(t0, y0, args) if plan.tableau.reuses else None
    if plan.dt0 is not None:
        h = jnp.broadcast_to(plan.dt0, way.start.shape)
        return h, field(t0, y0, args) if plan.tableau.reuses else None
    assert plan.rtol is not None and plan.atol is not None
    return first_step(field, t0, t1, y0, args, plan.order, plan.rtol, plan.atol, plan.norm)


def _attempt(
    plan: Plan, field: Any, args: Any, way: Way, carry: Carry, lane: Array | None
) -> Carry:
    """One attempt at a step, in all lanes at once; those that have ended stay as they are."""
    tableau, running = plan.tableau, carry.running
    record = carry.record
    if record is not None:
        made = None if carry.outputs is None else carry.outputs.made
        record = records.note(
            record, carry.accepted, running, carry.start, carry.stop, made, carry.y, lane
        )
    stages = take_step(
        field, args, tableau, way.sign, carry.start, carry.stop, carry.y, carry.slope
    )
    accept, finite, start, stop, memory, limited = _judge(plan, way, carry, stages)
    kept = accept & running
    outputs = carry.outputs
    if outputs is not None:
        y0, y1 = carry.y, stages.y1
        outputs = make(
            plan, outputs, carry.start, carry.stop, y0, y1, stages.slopes, way.sign, kept, lane
        )
    attempts = carry.attempts + running
    strikes = count_strikes(carry, finite)
    end = running & ~accept & too_short(plan, way, start, stop)
    end |= plan.adaptive & lost(plan, way, carry, start, stop, attempts, strikes)
    going = (start < way.stop) & (attempts < plan.max_steps) & ~end
    slope = carry.slope
    if tableau.reuses:
        slope = choose(kept, stages.slopes[-1], carry.slope)
    return Carry(
        start=jnp.where(running, start, carry.start),
        stop=jnp.where(running, stop, carry.stop),
        y=choose(kept, stages.y1, carry.y),
        slope=slope,
        memory=choose(running, memory, carry.memory),
        accepted=carry.accepted + kept,
        attempts=attempts,
        running=running & going,
        base=carry.base,
        strikes=jnp.where(running, strikes, carry.strikes),
        limited=carry.limited + (kept & limited),
        record=record,
        outputs=outputs,
    )


def _judge(plan: Plan, way: Way, carry: Carry, stages: Stages) -> tuple[Any, ...]:
    """Whether to accept, whether all was finite, the next interval, and whether it was limited."""
    if not plan.adaptive:
        count = equal_steps(plan, way.start, way.stop)
        finite = jnp.isfinite(largest(stages.y1, plan.joint))
        start = jnp.where(finite, carry.stop, carry.start)
        done, whole = carry.accepted + 2, jnp.maximum(count, 1)
        share = done.astype(start.dtype) / whole.astype(start.dtype)
        stop = way.start + (way.stop - way.start) * share
        stop = jnp.where(done >= count, way.stop, stop)
        return finite, finite, start, stop, carry.memory, jnp.zeros_like(finite)
    h = way.sign * (carry.stop - carry.start)
    estimate = combine(h, plan.tableau.error, stages.slopes)
    error = plan.error(estimate, carry.y, stages.y1)
    accept, start, stop, memory = control(error, carry.start, carry.stop, carry.memory, plan.order)
    start = jnp.minimum(start, way.stop)
    stop = _to_end(start, stop, way, accept)
    return accept, jnp.isfinite(error), start, stop, memory, limited_by_stability(plan, h, stages)


def _to_end(start: Lane, stop: Lane, way: Way, accept: Any) -> Lane:
    """The stop of a step that would leave next to nothing, or go beyond the end, set right."""
    scale = jnp.maximum(jnp.abs(way.start), jnp.abs(way.stop))
    near = stop > way.stop - _END_ULPS * jnp.finfo(stop.dtype).eps * scale
    return jnp.where(near, jnp.where(accept, way.stop, start + 0.5 * (way.stop - start)), stop)
