"""The engine's loop up to an event of each lane, and the gradient of where and when it is.

At a fixed time the state is differentiated by going back through the recorded steps, as in
`replay`. That the time itself moves is the implicit function theorem: of g(t, y(t)) = 0

    dt = -dg / (∂g/∂t + ∂g/∂y f),    dy = f dt,

where dg is how the condition changes at the fixed time.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from ..controllers import against
from ..engine.backward import pull_back
from ..engine.carry import Fields, Report
from ..engine.landing import Landing, land
from ..engine.lanes import masked, read
from ..engine.loop import first_carry, go_through, report_of
from ..engine.plan import Plan
from ..engine.pull import Gradients, Solved
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
    wanted = perturbed.fields, perturbed.args
    stretched = not plan.adaptive and bool(perturbed.t0 or perturbed.end)
    solved = Solved(plan, question.fields, question.args, wanted, way, None, record, a_y, stretched)
    moving = along(solved, told)
    tilt = Tilt(question, perturbed, answer)
    speed = jnp.where(answer.happened, moving(tilt.by_state) + tilt.by_time, 1)
    weight = jnp.where(answer.happened, -(a_t + moving(a_y)) / speed, 0)
    given = jax.tree.map(lambda a, b: a + against(weight, b) * b, a_y, tilt.by_state)
    solved = solved._replace(given=given)
    a, ok, _ = pull_back(solved, told.report, question.y0)
    ends = a_t, moving(given)
    of_times = _of_times(question, perturbed, solved, answer, told, a, ends, ok)
    a_condition, a_args = tilt.pull(weight)
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
    move = Move(way, way.piece(carry.piece), carry.start, carry.stop, carry.accepted)
    slope = fields.all(move.time(0.0), y0, args) if carry.slope is None else carry.slope
    sought = watch.begin(move, y0, slope, args)
    carry = carry._replace(sought=sought, running=carry.running & ~sought.ended)
    together, last = go_through(plan, fields, args, way, carry)
    report = report_of(plan, way, together, last)
    last, landing = land(plan, fields.all, args, way, last)
    assert last.sought is not None
    hit, lost = last.sought.hit, last.sought.lost
    whole = jnp.isfinite(landing.shift)
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


class Tilt:
    """The derivatives of the condition at the events.

    A lane without an event takes no part: in its place one that has one is looked at.
    """

    def __init__(self, question: Question, perturbed: Any, answer: Answer) -> None:
        hit = self._hit = answer.happened
        source = jnp.where(hit, jnp.arange(hit.size), jnp.argmax(hit))
        wanted = perturbed.condition, perturbed.args
        moving, rest = eqx.partition((question.condition, question.args), wanted)

        def values(t: Array, y: PyTree, moving: Any) -> Array:
            condition, args = eqx.combine(moving, rest)
            return values_of(condition, t, y, of_lanes(args, source))

        _, self._pull = jax.vjp(values, *of_lanes((answer.t, answer.y), source), moving)
        by_time, by_state, _ = self._pull(jnp.ones_like(answer.t))
        self.by_time: Array = masked(hit, by_time)
        self.by_state: PyTree = masked(hit, by_state)

    def pull(self, weight: Float[Array, " B"]) -> Any:
        """The gradients of the condition and of args, where its values have these."""
        _, _, gradients = self._pull(weight)
        # Of no event at all even nothing times the gradient may be NaN.
        return jax.tree.map(lambda a: jnp.where(self._hit.any(), a, 0), gradients)


def along(solved: Solved, told: Told) -> Callable[[PyTree], Float[Array, " B"]]:
    """From a covector to its product with the state's velocity at the event.

    Where steps adapt that is the field. An equal step is a function of where it ends, which may be
    far from the flow; its gradient is that of the values computed.
    """
    plan, way, record = solved.plan, solved.way, solved.record
    if plan.adaptive:
        return lambda covector: _dot(covector, told.landing.slope)
    own = jnp.maximum(told.report.accepted - 1, 0)
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1
    piece = way.piece(None if record.piece is None else read(record.piece, own))
    move = Move(way, piece, read(record.start, own), read(record.stop, own), own)
    y = read(record.ring, own % size)

    def end(stop: Array) -> PyTree:
        there = move._replace(stop=stop)
        return plan.stepper.take(solved.fields.all, solved.args, there, y, None, whole=False).y1

    _, pull = jax.vjp(end, move.stop)
    return lambda covector: way.sign * pull(covector)[0]


def _of_times(
    question: Question,
    perturbed: Any,
    solved: Solved,
    answer: Answer,
    told: Told,
    a: Gradients,
    of_ends: tuple[Array, Array],
    ok: Bool[Array, " B"],
) -> tuple[Any, Any]:
    """The gradients of the start and of the end of the interval, where they are wanted.

    `of_ends` has those of the times told, and by how the states move with them. An event's own
    time is fixed here; where there is none, it is the end.
    """
    way, hit = solved.way, answer.happened
    a_t, moved = of_ends
    a_start: Any = None
    a_end: Any = None
    if a.times is not None:
        # The last step up to an event does not stretch.
        with_start, with_end = shares(way, told.landing.tau)
        a_start = a.times.t0 - jnp.where(hit, with_start * moved, 0)
        a_end = a.times.end - jnp.where(hit, with_end * moved, 0)
    elif perturbed.t0:
        start = way.time(jnp.zeros_like(way.length), way.piece(first_piece(way)))
        a_start = -_dot(a.y, masked(ok, question.fields.all(start, question.y0, question.args)))
    if a.times is None and perturbed.end:
        end = way.time(way.length, way.piece(last_piece(way)))
        slope = masked(ok, question.fields.all(end, answer.y, question.args))
        a_end = jnp.where(hit, 0, _dot(solved.given, slope))
    if perturbed.t0 and question.t0.ndim == 0:
        a_start = a_start.sum()
    if perturbed.end:
        a_end = (a_end + jnp.where(hit, 0, a_t)).sum()
    return (a_start if perturbed.t0 else None), (a_end if perturbed.end else None)


def _dot(a: PyTree, b: PyTree) -> Float[Array, " B"]:
    each = lambda a, b: jnp.sum((a * b).reshape(a.shape[0], -1), axis=1)  # noqa: E731
    total: Any = sum(map(each, jax.tree.leaves(a), jax.tree.leaves(b)))
    return total
