"""The engine's loop: a batch of solves, each by its own steps or all by the same."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ...types import Args, State
from . import record as records
from .carry import Carry, Fields, Renewed, Report, carry_of_all, carry_of_few, unfinished
from .devices import while_loop
from .diagnosis import count_strikes, limited_by_stability, lost, outcome_of, too_short
from .first import first_carry
from .interval import Interval, Piece, next_piece, of_lanes
from .lanes import choose, largest, one_of
from .outputs import make, repeat_last
from .plan import Plan, control
from .record import Record
from .step import Move, Stages, combine
from .stops import stop_of, to_end


def run(
    plan: Plan,
    fields: Fields,
    args: Args,
    y0: State,
    span: Interval,
    times: Array | None,
    keep: bool,
) -> tuple[tuple[PyTree[Array], Array | None], Report, Record | None]:
    """The states at the end, or at `times`, [T, B, ...], and what the steps cost; what happened;
    with `keep` the record."""
    carry = first_carry(plan, fields.all, args, y0, span, times, keep)
    together, last = go_through(plan, fields, args, span, carry)
    report = report_of(plan, span, together, last)
    if last.outputs is None:
        return (last.y, last.cost), report, last.record
    values = jax.tree.map(lambda v: v[:-1], last.outputs.values)
    return (repeat_last(values, last.outputs.total), last.cost), report, last.record


def go_through(
    plan: Plan, fields: Fields, args: Args, span: Interval, carry: Carry
) -> tuple[Carry, Carry]:
    """The carry when the few that are not done go on without the others, and at the end."""
    together = last = _loop(plan, fields.all, args, span, carry, None)
    if plan.few:

        def go_on(carry: Carry) -> Carry:
            return _with_few(plan, fields.few, args, span, carry)

        last = jax.lax.cond(together.running.any(), go_on, lambda carry: carry, together)
    return together, last


def report_of(plan: Plan, span: Interval, together: Carry, last: Carry) -> Report:
    """What happened, until the few went on alone and to the end."""
    renewed = None
    if last.renewals is not None and together.renewals is not None and last.renewed is not None:
        alone = last.renewals - together.renewals
        renewed = Renewed(last.renewed, together.renewals, alone)
    share = last.start / jnp.where(span.length > 0, span.length, 1)
    return Report(
        last.accepted,
        last.attempts,
        outcome_of(plan, span, last),
        jnp.where(last.start >= span.arrival, 1, share),
        span.t0 + span.sign * jnp.minimum(last.start, span.length),
        together.attempts.max(),
        renewed,
    )


def _loop(
    plan: Plan, field: Any, args: Args, span: Interval, carry: Carry, lane: Array | None
) -> Carry:
    """Attempts until all lanes are done, or so many that the others may go on without them."""
    most = plan.few if lane is None else 0

    def going(carry: Carry) -> Array:
        return jnp.sum(carry.running) > most if most else carry.running.any()

    def body(carry: Carry) -> Carry:
        return _attempt(plan, field, args, span, carry, lane)

    return while_loop(going, body, carry)


def _with_few(plan: Plan, field: Any, args: Args, span: Interval, carry: Carry) -> Carry:
    """The lanes that are not done yet go on without the others, which then cost nothing more."""
    lane = unfinished(carry, plan.few)
    args, span = of_lanes((args, span), lane)
    few = _loop(plan, field, args, span, carry_of_few(carry, lane), lane)
    return carry_of_all(carry, lane, few)


def _attempt(
    plan: Plan, field: Any, args: Args, span: Interval, carry: Carry, lane: Array | None
) -> Carry:
    """One attempt at a step, in all lanes at once; those that have ended stay as they are."""
    running, record, outputs = carry.running, carry.record, carry.outputs
    piece = carry.within or span.pieces
    step = carry.accepted.max() if plan.together(span) else carry.accepted
    move = Move(span, piece, carry.start, carry.stop, step, lane)
    if record is not None:
        made = None if outputs is None else outputs.made
        noted = carry.stop, made, carry.piece, carry.y
        record = records.note(record, step, running, *noted, lane)
    stages = plan.stepper.take(field, args, move, carry.y, carry.slope, whole=True)
    accept, finite, start, proposed, memory, limited = _judge(plan, span, carry, move, stages)
    kept, sought = accept & running, carry.sought
    if plan.watch is not None and sought is not None:
        sought = plan.watch.look(plan.stepper, sought, args, move, carry.y, stages, kept)
        # The step in which an event lies is none: it is taken anew, up to the event.
        kept, start = kept & ~sought.ended, jnp.where(sought.ended, move.start, start)
    if outputs is not None:
        outputs = make(plan, outputs, move, carry.y, stages, kept, lane)
    attempts, accepted = carry.attempts + one_of(running), carry.accepted + one_of(kept)
    strikes = count_strikes(carry, finite)
    end = running & ~accept & too_short(plan, span, start, proposed)
    end |= plan.adaptive & lost(plan, span, carry, start, proposed, attempts, strikes)
    if sought is not None:
        end |= sought.ended
    last = span.length if plan.adaptive else span.arrival
    going = (start < last) & (attempts < plan.max_steps) & ~end
    carry = carry._replace(
        start=jnp.where(running, start, carry.start),
        y=choose(kept, stages.y1, carry.y),
        memory=choose(running, memory, carry.memory),
        accepted=accepted,
        attempts=attempts,
        running=running & going,
        strikes=jnp.where(running, strikes, carry.strikes),
        limited=carry.limited + one_of(kept & limited),
        cost=_with_cost(plan, carry, move, stages, kept),
        record=record,
        outputs=outputs,
        sought=sought,
    )
    if carry.slope is not None:
        carry = carry._replace(slope=choose(kept, stages.slopes[-1], carry.slope))
    if carry.piece is not None:
        carry = _enter(span, field, args, carry, kept)
        piece = carry.within or span.pieces
    stop = stop_of(plan, span, piece, start, proposed, accepted)
    return carry._replace(stop=jnp.where(running, stop, move.stop))


def _with_cost(plan: Plan, carry: Carry, move: Move, stages: Stages, kept: Any) -> Array | None:
    """What the accepted steps have cost, this one among them where it is kept."""
    if plan.cost is None or carry.cost is None:
        return None
    cost = plan.cost(move, carry.y, stages)
    return carry.cost + jnp.where(kept, cost, 0).astype(carry.cost.dtype)


def _enter(span: Interval, field: Any, args: Args, carry: Carry, kept: Any) -> Carry:
    """The carry of lanes of which some have come to a jump, and look at what is behind it."""
    assert carry.piece is not None and carry.within is not None, "the field jumps"
    index = next_piece(span, carry.piece, carry.within, carry.start, kept)
    entered = (index > carry.piece) & carry.running

    def enter(state: tuple[Piece, Any]) -> tuple[Piece, Any]:
        within, slope = span.piece(index), state[1]
        if slope is not None:
            behind = field(span.time(carry.start, within), carry.y, args)
            slope = choose(entered, behind, slope)
        return within, slope

    any_entered = entered.any()
    state = carry.within, carry.slope
    within, slope = jax.lax.cond(any_entered, enter, lambda state: state, state)
    carry = carry._replace(piece=index, within=within, slope=slope)
    if carry.renewed is None or carry.renewals is None:
        return carry
    renewed, renewals = carry.renewed + one_of(entered), carry.renewals + one_of(any_entered)
    return carry._replace(renewed=renewed, renewals=renewals)


def _judge(plan: Plan, span: Interval, carry: Carry, move: Move, stages: Stages) -> tuple[Any, ...]:
    """Whether to accept, whether all was finite, the next interval, and whether it was limited."""
    if not plan.adaptive:
        finite = jnp.isfinite(largest(stages.y1, plan.joint))
        start = jnp.where(finite, move.stop, move.start)
        return finite, finite, start, start, carry.memory, jnp.zeros_like(finite)
    h = move.h
    estimate = combine(h, plan.tableau.error, stages.slopes)
    error = plan.error(estimate, carry.y, stages.y1)
    accept, start, stop, memory = control(error, move.start, move.stop, carry.memory, plan.order)
    start = jnp.minimum(start, span.length)
    if plan.dtmax is not None:
        stop = jnp.minimum(stop, start + plan.dtmax)
    stop = to_end(start, stop, span, accept)
    return accept, jnp.isfinite(error), start, stop, memory, limited_by_stability(plan, h, stages)
