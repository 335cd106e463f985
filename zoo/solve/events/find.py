"""The engine's loop up to an event of each lane, and the gradient of where and when it is.

At a fixed time the state is differentiated by going back through the recorded steps, as in
`replay`. That the time itself moves is the implicit function theorem: of g(t, y(t)) = 0

    dt = -dg / (∂g/∂t + ∂g/∂y f),    dy = f dt,

where dg is how the condition changes at the fixed time.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from ..controllers import against
from ..engine.backward import pull_back
from ..engine.carry import Fields, Report
from ..engine.landing import Landing, land
from ..engine.lanes import largest, masked, read
from ..engine.loop import first_carry, go_through, report_of
from ..engine.plan import Plan
from ..engine.pull import Solved
from ..engine.record import Record
from ..engine.replay import batch_size
from ..engine.step import Move
from ..engine.stretch import shares
from ..engine.watch import values_of
from ..engine.way import Way, first_piece, last_piece, of_lanes, way_of
from ..outcomes import Outcome
from ..times import Times


class Question(NamedTuple):
    """What a gradient may be wanted of."""

    fields: Fields
    condition: Any
    """Of one example; the plan's watch has the same, as a constant."""
    args: Any
    y0: PyTree[Array]
    t0: Array
    """The start of all, [], or of each example, [B]."""
    end: Array
    """The end of the interval, []."""


class Answer(NamedTuple):
    """Where each lane ended: at its event, or where there was none at the end of the interval."""

    t: Float[Array, " B"]
    y: PyTree[Array]
    happened: Bool[Array, " B"]


class Told(NamedTuple):
    """What happened on the way."""

    report: Report
    """Its accepted steps include the last one, up to the event."""
    landing: Landing


@eqx.filter_custom_vjp
def find(question: Question, plan: Plan, times: Times) -> tuple[Answer, Told]:
    """The event of each lane, or its end."""
    answer, told, _ = _forward(question, plan, times, keep=False)
    return answer, told


@find.def_fwd
def _(perturbed: Any, question: Question, plan: Plan, times: Times) -> tuple[Any, Any]:
    del perturbed
    answer, told, record = _forward(question, plan, times, keep=True)
    return (answer, told), (answer, told, record)


@find.def_bwd
def _(
    residuals: Any, gradient: Any, perturbed: Any, question: Question, plan: Plan, times: Times
) -> Question:
    answer, told, record = residuals
    way, _ = way_of(times, plan.joint, batch_size(question.y0))
    ok = told.report.result == 0
    arrived = lambda v, g: jnp.zeros_like(v) if g is None else jnp.where(against(ok, v), g, 0)  # noqa: E731
    a_t, a_y = jax.tree.map(arrived, answer[:2], gradient[0][:2])
    by_time = a_t + _dot(a_y, told.landing.slope)
    hit = answer.happened
    weight = jnp.where(hit, -way.sign * by_time / jnp.where(hit, told.landing.rate, 1), 0)
    moved, a_condition, a_args = _through_condition(question, perturbed, answer, weight)
    a_y = jax.tree.map(jnp.add, a_y, moved)
    wanted = perturbed.fields, perturbed.args
    stretched = not plan.adaptive and bool(perturbed.t0 or perturbed.end)
    solved = Solved(plan, question.fields, question.args, wanted, way, None, record, a_y, stretched)
    a = pull_back(solved, told.report, question.y0)
    of_times = _through_times(question, perturbed, solved, told, answer, a_t, a)
    a_y0 = jax.tree.map(lambda a, wanted: a if wanted else None, a.y, perturbed.y0)
    a_args = jax.tree.map(jnp.add, a.args, a_args)
    return Question(a.fields, a_condition, a_args, a_y0, *of_times)


def _forward(
    question: Question, plan: Plan, times: Times, keep: bool
) -> tuple[Answer, Told, Record | None]:
    fields, args, y0 = question.fields, question.args, question.y0
    watch = plan.watch
    assert watch is not None, "an event is looked for"
    way, _ = way_of(times, plan.joint, batch_size(y0))
    carry = first_carry(plan, fields.all, args, y0, way, None, keep)
    start = Move(way, way.piece(carry.piece), carry.start, carry.stop, carry.accepted).time(0.0)
    slope = fields.all(start, y0, args) if carry.slope is None else carry.slope
    sought = watch.begin(way, start, y0, slope, args)
    carry = carry._replace(sought=sought, running=carry.running & ~sought.ended)
    together, last = go_through(plan, fields, args, way, carry)
    report = report_of(plan, way, together, last)
    last, landing = land(plan, fields.all, args, way, last)
    assert last.sought is not None
    hit, lost = last.sought.hit, last.sought.lost
    whole = jnp.isfinite(largest(last.y, plan.joint)) & jnp.isfinite(landing.shift)
    code = lambda outcome: jnp.asarray(outcome, jnp.int32)  # noqa: E731
    result = jnp.where(hit & whole, code(Outcome.SUCCESS), report.result)
    failed = (hit & ~whole) | (lost & (result != Outcome.INVALID))
    result = jnp.where(failed, code(Outcome.NON_FINITE), result)
    share = last.start / jnp.where(way.length > 0, way.length, 1)
    reached = jnp.where(hit, share, report.reached)
    report = report._replace(accepted=last.accepted, result=result, reached=reached)
    return _answer(way, times, last.y, hit & whole, landing), Told(report, landing), last.record


def _answer(way: Way, times: Times, y: PyTree, hit: Array, landing: Landing) -> Answer:
    """Newton's last step, along the field; never beyond the interval."""
    shift = jnp.where(hit, way.sign * landing.shift, 0)
    time = way.t0 + way.sign * landing.tau + shift
    low, high = jnp.minimum(way.t0, times.ends), jnp.maximum(way.t0, times.ends)
    y = jax.tree.map(lambda y, f: y + against(shift, y) * f, y, landing.slope)
    return Answer(jnp.where(hit, jnp.clip(time, low, high), times.ends), y, hit)


def _through_condition(
    question: Question, perturbed: Any, answer: Answer, weight: Float[Array, " B"]
) -> tuple[Any, Any, Any]:
    """`weight` pulled back through the condition, to the states, to itself and to args.

    A lane without an event takes no part: in its place one that has one is looked at.
    """
    hit = answer.happened
    source = jnp.where(hit, jnp.arange(hit.size), jnp.argmax(hit))
    wanted = perturbed.condition, perturbed.args
    moving, rest = eqx.partition((question.condition, question.args), wanted)

    def values(y: PyTree, moving: Any) -> Array:
        condition, args = eqx.combine(moving, rest)
        return values_of(condition, answer.t[source], y, of_lanes(args, source))

    _, pull = jax.vjp(values, of_lanes(answer.y, source), moving)
    a_y, a_moving = pull(weight)
    # Of no event at all even nothing times the gradient may be NaN.
    a_condition, a_args = jax.tree.map(lambda a: jnp.where(hit.any(), a, 0), a_moving)
    return masked(hit, a_y), a_condition, a_args


def _through_times(
    question: Question,
    perturbed: Any,
    solved: Solved,
    told: Told,
    answer: Answer,
    a_t: Float[Array, " B"],
    a: Any,
) -> tuple[Any, Any]:
    """The gradients of the start and of the end, where they are wanted.

    An event's time is fixed meanwhile; where there is none, the time is the end itself.
    """
    way, ok = solved.way, told.report.result == 0
    a_start: Any = None
    a_end: Any = None
    if solved.stretched:
        a_start, a_end = a.times.t0, a.times.end
        moves, ends = shares(way, told.landing.tau)
        by_stop = jnp.where(answer.happened, _by_stop(question, solved, told), 0)
        a_start, a_end = a_start - way.sign * moves * by_stop, a_end - way.sign * ends * by_stop
    if not solved.stretched and perturbed.t0:
        start = way.time(jnp.zeros_like(way.length), way.piece(first_piece(way)))
        a_start = -_dot(a.y, masked(ok, question.fields.all(start, question.y0, question.args)))
    if not solved.stretched and perturbed.end:
        end = way.time(way.length, way.piece(last_piece(way)))
        slope = question.fields.all(end, answer.y, question.args)
        a_end = jnp.where(answer.happened, 0, _dot(solved.given, masked(ok, slope)))
    if a_start is not None and question.t0.ndim == 0:
        a_start = a_start.sum()
    if a_end is not None:
        a_end = (a_end + jnp.where(answer.happened, 0, a_t)).sum()
    return (a_start if perturbed.t0 else None), (a_end if perturbed.end else None)


def _by_stop(question: Question, solved: Solved, told: Told) -> Float[Array, " B"]:
    """The gradient of where an equal step up to an event ends, which does not stretch."""
    record, own = solved.record, jnp.maximum(told.report.accepted - 1, 0)
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1
    piece = solved.way.piece(None if record.piece is None else read(record.piece, own))
    move = Move(solved.way, piece, read(record.start, own), read(record.stop, own), own)
    y = read(record.ring, own % size)

    def end(stop: Array) -> Any:
        move_there = move._replace(stop=stop)
        fields, args = question.fields.all, question.args
        return solved.plan.stepper.take(fields, args, move_there, y, None, whole=False).y1

    _, by_stop = jax.jvp(end, (move.stop,), (jnp.ones_like(move.stop),))
    return _dot(solved.given, masked(told.report.result == 0, by_stop))


def _dot(a: PyTree, b: PyTree) -> Float[Array, " B"]:
    each = lambda a, b: jnp.sum((a * b).reshape(a.shape[0], -1), axis=1)  # noqa: E731
    total: Any = sum(map(each, jax.tree.leaves(a), jax.tree.leaves(b)))
    return total
