"""The engine's loop up to the event of each lane."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...types import State
from ..controllers import expand_to
from ..engine.first import first_carry
from ..engine.interval import Interval, interval_of
from ..engine.landing import Landing, land
from ..engine.loop import go_through, report_of
from ..engine.plan import Plan
from ..engine.record import Record
from ..engine.replay import batch_size
from ..engine.step import Move
from ..outcomes import Outcome
from ..times import Times
from .question import Answer, EventReport, Question


def search(
    question: Question, plan: Plan, times: Times, keep: bool
) -> tuple[Answer, EventReport, Record | None]:
    """The event of each lane, or its end; with `keep` the record of its steps."""
    fields, args, y0 = question.fields, question.args, question.y0
    watch = plan.watch
    assert watch is not None, "an event is looked for"
    span, _ = interval_of(times, plan.joint, batch_size(y0))
    carry = first_carry(plan, fields.all, args, y0, span, None, keep)
    move = Move(span, span.piece(carry.piece), carry.start, carry.stop, carry.accepted)
    slope = fields.all(move.time(0.0), y0, args) if carry.slope is None else carry.slope
    sought = watch.begin(move, y0, slope, args)
    carry = carry._replace(sought=sought, running=carry.running & ~sought.ended)
    together, last = go_through(plan, fields, args, span, carry)
    report = report_of(plan, span, together, last)
    last, landing = land(plan, fields.all, args, span, last)
    assert last.sought is not None
    hit, lost = last.sought.hit, last.sought.lost
    whole = jnp.isfinite(landing.shift)

    def code(outcome: Outcome) -> Array:
        return jnp.asarray(outcome, jnp.int32)

    result = jnp.where(hit & whole, code(Outcome.SUCCESS), report.result)
    failed = (hit & ~whole) | (lost & (result != Outcome.INVALID))
    result = jnp.where(failed, code(Outcome.NON_FINITE), result)
    share = last.start / jnp.where(span.length > 0, span.length, 1)
    reached = jnp.where(hit, share, report.reached)
    answer = _answer(span, times, last.y, hit & whole, landing)
    time = jnp.where(hit & whole, answer.t, report.time)
    report = report._replace(accepted=last.accepted, result=result, reached=reached, time=time)
    return answer, EventReport(report, landing), last.record


def _answer(span: Interval, times: Times, y: State, hit: Array, landing: Landing) -> Answer:
    """Newton's last step, along the field; never beyond the interval."""
    shift = jnp.where(hit, span.sign * landing.shift, 0)
    time = span.t0 + span.sign * landing.tau + shift
    low, high = jnp.minimum(span.t0, times.ends), jnp.maximum(span.t0, times.ends)
    y = jax.tree.map(lambda y, f: y + expand_to(shift, y) * f, y, landing.slope)
    return Answer(jnp.where(hit, jnp.clip(time, low, high), times.ends), y, hit)
