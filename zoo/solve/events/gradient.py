"""The parts of an event's gradient: by its condition, by its last step, and by the interval."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from ...types import State
from ..engine.interval import of_lanes
from ..engine.lanes import dots, masked, read
from ..engine.pull import Forward, Gradients
from ..engine.record import recorded_ends
from ..engine.step import Move
from ..engine.stretch import shares
from ..engine.watch import values_of
from .question import Answer, EventReport, Question


class Tilt:
    """The derivatives of the condition at the events.

    A lane without an event takes no part: in its place one that has one is looked at.
    """

    def __init__(self, question: Question, perturbed: Question, answer: Answer) -> None:
        hit = self._hit = answer.happened
        source = jnp.where(hit, jnp.arange(hit.size), jnp.argmax(hit))
        wanted = perturbed.condition, perturbed.args
        moving, rest = eqx.partition((question.condition, question.args), wanted)

        def values(t: Array, y: State, moving: Any) -> Array:
            condition, args = eqx.combine(moving, rest)
            return values_of(condition, t, y, of_lanes(args, source))

        _, self._pull = jax.vjp(values, *of_lanes((answer.t, answer.y), source), moving)
        by_time, by_state, _ = self._pull(jnp.ones_like(answer.t))
        self.by_time: Array = masked(hit, by_time)
        self.by_state: PyTree = masked(hit, by_state)

    def pull(self, weight: Float[Array, " B"]) -> tuple[State, State]:
        """The gradients of the condition and of args, where its values have these."""
        _, _, gradients = self._pull(weight)
        # Of no event at all even nothing times the gradient may be NaN.
        return jax.tree.map(lambda a: jnp.where(self._hit.any(), a, 0), gradients)


def along(solved: Forward, told: EventReport) -> Callable[[State], Float[Array, " B"]]:
    """From a covector to its product with the state's velocity at the event.

    Where steps adapt that is the field. An equal step is a function of where it ends, which may be
    far from the flow; its gradient is that of the values computed.
    """
    plan, span, record = solved.plan, solved.span, solved.record
    if plan.adaptive:
        return lambda covector: dots(covector, told.landing.slope)
    own = jnp.maximum(told.report.accepted - 1, 0)
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1
    piece = span.piece(None if record.piece is None else read(record.piece, own))
    move = Move(span, piece, *recorded_ends(record, own), own)
    y = read(record.ring, own % size)

    def end(stop: Array) -> PyTree:
        there = move._replace(stop=stop)
        return plan.stepper.take(solved.fields.all, solved.args, there, y, None, whole=False).y1

    _, pull = jax.vjp(end, move.stop)
    return lambda covector: span.sign * pull(covector)[0]


def of_times(
    question: Question,
    perturbed: Question,
    solved: Forward,
    answer: Answer,
    told: EventReport,
    a: Gradients,
    of_ends: tuple[Array, Array],
    ok: Bool[Array, " B"],
) -> tuple[Array | None, Array | None]:
    """The gradients of the start and of the end of the interval, where they are wanted; of the
    examples that are `ok`.

    `of_ends` has those of the times told, and by how the states move with them. An event's own
    time is fixed here; where there is none, it is the end.
    """
    span, hit = solved.span, answer.happened
    a_t, moved = of_ends
    a_start: Any = None
    a_end: Any = None
    if a.times is not None:
        # The last step up to an event does not stretch.
        with_start, with_end = shares(span, told.landing.tau)
        a_start = a.times.t0 - jnp.where(hit, with_start * moved, 0)
        a_end = a.times.end - jnp.where(hit, with_end * moved, 0)
    elif perturbed.t0:
        slope = question.fields.all(span.first_time(), question.y0, question.args)
        a_start = -dots(a.y, masked(ok, slope))
    if a.times is None and perturbed.end:
        slope = question.fields.all(span.last_time(), answer.y, question.args)
        a_end = jnp.where(hit, 0, dots(solved.given, masked(ok, slope)))
    if perturbed.t0 and question.t0.ndim == 0:
        a_start = a_start.sum()
    if perturbed.end:
        a_end = (a_end + jnp.where(hit, 0, a_t)).sum()
    return (a_start if perturbed.t0 else None), (a_end if perturbed.end else None)
