"""The engine's loop: a batch of solves, each by its own steps or all by the same."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..controllers import first_step
from . import record as records
from .carry import Carry, Fields, Renewed, Report, carry_of_all, carry_of_few, unfinished
from .devices import while_loop
from .diagnosis import count_strikes, limited_by_stability, lost, outcome_of, too_short
from .lanes import Lane, choose, largest
from .outputs import begin, make, repeat_last
from .plan import Plan, control, equal_stop
from .record import Record
from .step import Move, Stages, combine
from .way import Piece, Way, first_piece, next_piece, of_lanes

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
) -> tuple[tuple[PyTree[Array], Array | None], Report, Record | None]:
    """The states at the end, or at `times`, [T, B, ...], and what the steps cost; what happened;
    with `keep` the record."""
    carry = first_carry(plan, fields.all, args, y0, way, times, keep)
    together, last = go_through(plan, fields, args, way, carry)
    report = report_of(plan, way, together, last)
    if last.outputs is None:
        return (last.y, last.cost), report, last.record
    values = jax.tree.map(lambda v: v[:-1], last.outputs.values)
    return (repeat_last(values, last.outputs.total), last.cost), report, last.record


def go_through(
    plan: Plan, fields: Fields, args: Any, way: Way, carry: Carry
) -> tuple[Carry, Carry]:
    """The carry when the few that are not done go on without the others, and at the end."""
    together = last = _loop(plan, fields.all, args, way, carry, None)
    if plan.few:
        go_on = lambda carry: _with_few(plan, fields.few, args, way, carry)  # noqa: E731
        last = jax.lax.cond(together.running.any(), go_on, lambda carry: carry, together)
    return together, last


def report_of(plan: Plan, way: Way, together: Carry, last: Carry) -> Report:
    """What happened, until the few went on alone and to the end."""
    renewed = None
    if last.renewals is not None and together.renewals is not None and last.renewed is not None:
        alone = last.renewals - together.renewals
        renewed = Renewed(last.renewed, together.renewals, alone)
    whole = jnp.where(way.length > 0, way.length, 1)
    return Report(
        last.accepted,
        last.attempts,
        outcome_of(plan, way, last),
        jnp.where(way.length > 0, last.start / whole, way.length == 0),
        together.attempts.max(),
        renewed,
    )


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


def first_carry(
    plan: Plan, field: Any, args: Any, y0: Any, way: Way, times: Array | None, keep: bool
) -> Carry:
    """The carry before the first attempt."""
    h, slope = _first_step(plan, field, args, y0, way)
    # A constant for second derivatives too, as the steps after it are.
    h = jax.lax.stop_gradient(h) if plan.adaptive else h
    start = jnp.zeros_like(way.length)
    piece = start.astype(jnp.int32) if way.jumps else None
    proposed = _to_end(start, jnp.minimum(h, way.length), way, True)
    defined = jnp.isfinite(largest((y0, slope), plan.joint))
    running = (way.length > 0) & defined
    running = running if way.valid is None else running & way.valid
    zero = jnp.zeros(running.shape, jnp.int32)
    one = jnp.ones(running.shape, jnp.result_type(*jax.tree.leaves(y0)))
    outputs = None if times is None else begin(times, way.length, y0)
    record = None
    if keep:
        made = None if outputs is None else outputs.made
        ring = records.ring_size(plan.max_steps, y0)
        record = records.empty(plan.max_steps, ring, start, made, piece, y0)
    renews = way.jumps and plan.stepper.reuses
    return Carry(
        start=start,
        stop=_stop(plan, way, way.piece(piece), start, proposed, zero),
        y=y0,
        slope=slope if plan.stepper.reuses else None,
        memory=(one, one),
        accepted=zero,
        attempts=zero,
        running=running,
        base=1 + largest(y0, plan.joint),
        piece=piece,
        strikes=jnp.where(defined, 0, -1).astype(jnp.int32),
        limited=zero,
        renewed=zero if renews else None,
        renewals=jnp.zeros((), jnp.int32) if renews else None,
        cost=None if plan.cost is None else jnp.zeros(jax.tree.leaves(y0)[0].shape[:1], one.dtype),
        record=record,
        outputs=outputs,
    )


def _first_step(plan: Plan, field: Any, args: Any, y0: Any, way: Way) -> tuple[Lane, Any]:
    """The first step's size and, where it was looked at or is reused, the slope at the start."""
    piece = way.piece(first_piece(way))
    slope_at = lambda tau, y: field(way.time(tau, piece), y, args)  # noqa: E731
    if not plan.adaptive or plan.dt0 is not None:
        size = way.length if plan.dt0 is None else plan.dt0
        h = jnp.broadcast_to(size, way.length.shape)
        return _limited(plan, h), slope_at(0 * way.length, y0) if plan.stepper.reuses else None
    assert plan.rtol is not None and plan.atol is not None
    numbers = plan.order, plan.rtol, plan.atol, plan.norm
    h, slope = first_step(slope_at, way.sign, way.length, y0, *numbers)
    return _limited(plan, h), slope


def _limited(plan: Plan, h: Lane) -> Lane:
    return h if plan.dtmax is None else jnp.minimum(h, plan.dtmax)


def _attempt(
    plan: Plan, field: Any, args: Any, way: Way, carry: Carry, lane: Array | None
) -> Carry:
    """One attempt at a step, in all lanes at once; those that have ended stay as they are."""
    running, record, outputs = carry.running, carry.record, carry.outputs
    piece = way.piece(carry.piece)
    step = carry.accepted.max() if plan.together(way) else carry.accepted
    move = Move(way, piece, carry.start, carry.stop, step, lane)
    if record is not None:
        made = None if outputs is None else outputs.made
        times = carry.start, carry.stop, made, carry.piece
        record = records.note(record, step, running, *times, carry.y, lane)
    stages = plan.stepper.take(field, args, move, carry.y, carry.slope, whole=True)
    accept, finite, start, proposed, memory, limited = _judge(plan, way, carry, move, stages)
    kept, sought = accept & running, carry.sought
    if plan.watch is not None and sought is not None:
        sought = plan.watch.look(plan.stepper, sought, args, move, carry.y, stages, kept)
        # The step in which an event lies is none: it is taken anew, up to the event.
        kept, start = kept & ~sought.ended, jnp.where(sought.ended, move.start, start)
    if outputs is not None:
        outputs = make(plan, outputs, move, carry.y, stages, kept, lane)
    attempts, accepted = carry.attempts + running, carry.accepted + kept
    strikes = count_strikes(carry, finite)
    end = running & ~accept & too_short(plan, way, start, proposed)
    end |= plan.adaptive & lost(plan, way, carry, start, proposed, attempts, strikes)
    if sought is not None:
        end |= sought.ended
    going = (start < way.length) & (attempts < plan.max_steps) & ~end
    carry = carry._replace(
        start=jnp.where(running, start, carry.start),
        y=choose(kept, stages.y1, carry.y),
        memory=choose(running, memory, carry.memory),
        accepted=accepted,
        attempts=attempts,
        running=running & going,
        strikes=jnp.where(running, strikes, carry.strikes),
        limited=carry.limited + (kept & limited),
        cost=_with_cost(plan, carry, move, stages, kept),
        record=record,
        outputs=outputs,
        sought=sought,
    )
    if carry.slope is not None:
        carry = carry._replace(slope=choose(kept, stages.slopes[-1], carry.slope))
    if carry.piece is not None:
        carry = _enter(way, field, args, carry, piece, kept)
        piece = way.piece(carry.piece)
    stop = _stop(plan, way, piece, start, proposed, accepted)
    return carry._replace(stop=jnp.where(running, stop, move.stop))


def _with_cost(plan: Plan, carry: Carry, move: Move, stages: Stages, kept: Any) -> Array | None:
    """What the accepted steps have cost, this one among them where it is kept."""
    if plan.cost is None or carry.cost is None:
        return None
    cost = plan.cost(move, carry.y, stages)
    return carry.cost + jnp.where(kept, cost, 0).astype(carry.cost.dtype)


def _enter(way: Way, field: Any, args: Any, carry: Carry, piece: Piece, kept: Any) -> Carry:
    """The carry of lanes of which some have come to a jump, and look at what is behind it."""
    assert carry.piece is not None, "the field jumps"
    index = next_piece(way, carry.piece, piece, carry.start, kept)
    entered = index > carry.piece
    carry = carry._replace(piece=index)
    if carry.slope is None or carry.renewed is None or carry.renewals is None:
        return carry
    entered &= carry.running
    time = way.time(carry.start, way.piece(index))
    renew = lambda slope: choose(entered, field(time, carry.y, args), slope)  # noqa: E731
    return carry._replace(
        slope=jax.lax.cond(entered.any(), renew, lambda slope: slope, carry.slope),
        renewed=carry.renewed + entered,
        renewals=carry.renewals + entered.any(),
    )


def _judge(plan: Plan, way: Way, carry: Carry, move: Move, stages: Stages) -> tuple[Any, ...]:
    """Whether to accept, whether all was finite, the next interval, and whether it was limited."""
    if not plan.adaptive:
        finite = jnp.isfinite(largest(stages.y1, plan.joint))
        start = jnp.where(finite, move.stop, move.start)
        return finite, finite, start, start, carry.memory, jnp.zeros_like(finite)
    h = move.h
    estimate = combine(h, plan.tableau.error, stages.slopes)
    error = plan.error(estimate, carry.y, stages.y1)
    accept, start, stop, memory = control(error, move.start, move.stop, carry.memory, plan.order)
    start = jnp.minimum(start, way.length)
    if plan.dtmax is not None:
        stop = jnp.minimum(stop, start + plan.dtmax)
    stop = _to_end(start, stop, way, accept)
    return accept, jnp.isfinite(error), start, stop, memory, limited_by_stability(plan, h, stages)


def _to_end(start: Lane, stop: Lane, way: Way, accept: Any) -> Lane:
    """The stop of a step that would leave next to nothing, or go beyond the end, set right."""
    near = stop > way.length - _END_ULPS * jnp.finfo(stop.dtype).eps * way.length
    return jnp.where(near, jnp.where(accept, way.length, start + 0.5 * (way.length - start)), stop)


def _stop(plan: Plan, way: Way, piece: Piece, start: Lane, proposed: Lane, made: Array) -> Lane:
    """Where the next step ends: as `proposed`, but at a jump where it would come near to one."""
    if not plan.adaptive:
        return equal_stop(plan.steps, plan.dt0, way, piece, start, made)
    if not way.jumps:
        return proposed
    near = _END_ULPS * jnp.finfo(proposed.dtype).eps * way.length
    return jnp.where(proposed > piece.stop - near, piece.stop, proposed)
