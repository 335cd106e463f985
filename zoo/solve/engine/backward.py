"""The backward pass: each recorded step is taken again and its gradient pulled back through it.

An example that failed takes no part: in its place a healthy one is taken again, with nothing to
pull back, since even a gradient of zero through a state that is not finite would be NaN.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from ...types import State, Tree
from .carry import Report, back_to_all, largest_lanes
from .devices import own_everywhere, while_loop
from .ends import Ends, ends_after, ends_before, ends_of
from .interval import of_lanes
from .lanes import choose, masked, read, write
from .outputs import needed
from .pull import Forward, Gradients, Lanes, pull_step
from .record import recorded_ends
from .step import Move
from .stretch import TimeGradients

# How often the way back is gone at most: what is still not finite then is not one example's.
_TURNS = 2


def pull_back(
    solved: Forward, report: Report, y0: State
) -> tuple[Gradients, Bool[Array, "*lanes"], Bool[Array, "*lanes"]]:
    """The gradients of the initial state, of the fields and of args; whose they are; and which
    examples were kept out because their own gradient was not finite.

    Such an example (the root or the norm of a state that is zero) would make that of all others not
    finite. So the way back is gone once more without it. One of which nothing was asked is not
    gone back through at all.
    """
    ok = report.result == 0
    ring, turn = solved.record.ring, jnp.zeros((), jnp.int32)
    if solved.plan.joint:
        return _pull_back(solved, report, ok, y0, ring, turn)[0], ok, jnp.zeros_like(ok)
    ok &= _asked(solved)

    def body(state: Any) -> Any:
        turn, ok, rough, _, ring = state
        a, ring = _pull_back(solved, report, ok, y0, ring, turn)
        whole = _finite((a.y, a.args), ok)
        return jnp.where(whole.all(), _TURNS, turn + 1), ok & whole, rough | ~whole, a, ring

    # The ring goes from turn to turn: written to in a loop that only reads it, it would be copied.
    state = (turn, ok, jnp.zeros_like(ok), _nothing(solved, y0), ring)
    _, ok, rough, a, _ = while_loop(lambda state: state[0] < _TURNS, body, state)
    return a, ok, rough


def _asked(solved: Forward) -> Bool[Array, " B"]:
    """Of which examples there is anything to go back for."""
    batch = 0 if solved.times is None else 1
    moved = [
        (g != 0).any(axis=tuple(i for i in range(g.ndim) if i != batch))
        for g in jax.tree.leaves(solved.given)
    ]
    charged = [] if solved.costs is None else [solved.costs != 0]
    return jnp.stack([*moved, *charged]).any(axis=0)


def _finite(tree: Tree, ok: Bool[Array, " B"]) -> Bool[Array, " B"]:
    """Which examples have a finite gradient, or none."""
    leaves = [jnp.isfinite(x).reshape(x.shape[0], -1).all(axis=1) for x in jax.tree.leaves(tree)]
    return jnp.stack(leaves).all(axis=0) | ~ok


def _nothing(solved: Forward, y0: State) -> Gradients:
    """The gradients of which nothing has come back."""

    def zeros(tree: Tree) -> Tree:
        return jax.tree.map(jnp.zeros_like, tree)

    fields, args = zeros(eqx.filter((solved.fields, solved.args), solved.wanted))
    a = Gradients(zeros(y0), fields, args, None)
    outputs, length = None, solved.span.length
    if solved.times is not None:
        saved = solved.record.saved
        assert saved is not None, "outputs are counted where there are times"
        a = a._replace(pointer=needed(solved.times, length))
        outputs = jnp.zeros((solved.times.shape[0] + 1, *saved.shape[1:]), length.dtype)
    if solved.stretched:
        none = jnp.zeros_like(length)
        a = a._replace(times=TimeGradients(none, none, outputs))
    return a


def _pull_back(
    solved: Forward,
    report: Report,
    ok: Bool[Array, "*lanes"],
    y0: State,
    ring: State,
    turn: Int[Array, ""],
) -> tuple[Gradients, State]:
    """What comes back in a turn, and the ring as the turn leaves it."""
    steps, span = jnp.where(ok, report.accepted, 0), solved.span
    whole = Lanes(None, steps, None, steps, span)
    if not solved.plan.joint:
        source = jnp.where(ok, jnp.arange(ok.size), jnp.argmax(ok))
        whole = Lanes(None, steps, source, steps[source], of_lanes(span, source))
    a = _nothing(solved, y0)
    if solved.times is None:
        a = a._replace(y=masked(ok, solved.given))
    return _backwards(solved, whole, own_everywhere(a), ring, turn)


def _backwards(
    solved: Forward, whole: Lanes, a: Gradients, ring: State, turn: Int[Array, ""]
) -> tuple[Gradients, State]:
    """Every step, from the last to the first; states that were not kept are made again first.

    In the first turn the ring has the states of the last steps, later on those of the first ones.
    """
    few, count = solved.plan.few, whole.steps.max()
    size = jax.tree.leaves(ring)[0].shape[0] - 1

    def loop(first: Any, last: Any, a: Gradients, ring: Any, lanes: Lanes) -> Gradients:
        plan, span = solved.plan, lanes.span

        def body(state: tuple[Array, Gradients, Ends | None]) -> Any:
            k, a, ends = state
            return (
                k - 1,
                pull_step(solved, lanes, k, ends, ring, a),
                ends_before(plan, span, k, ends),
            )

        state = (last, a, ends_of(plan, span, solved.record, last))
        return while_loop(lambda state: state[0] >= first, body, state)[1]

    def of_few(first: Any, last: Any, a: Gradients, ring: Any, lane: Any) -> Gradients:
        part = a._replace(y=of_lanes(a.y, lane), pointer=of_lanes(a.pointer, lane))
        part = loop(first, last, part, ring, of_lanes(whole, lane)._replace(lane=lane))
        return part._replace(
            y=back_to_all(a.y, lane, part.y), pointer=back_to_all(a.pointer, lane, part.pointer)
        )

    def down(first: Any, last: Any, a: Gradients, ring: Any) -> Gradients:
        if few:
            # From this step on only the few that took the most have any left.
            most, order = largest_lanes(whole.steps, few + 1)
            middle = jnp.clip(most[-1].astype(first.dtype), first, last + 1)

            def go_back(a: Gradients) -> Gradients:
                return of_few(middle, last, a, ring, order[:-1])

            a = jax.lax.cond(middle <= last, go_back, lambda a: a, a)
            last = middle - 1
        return loop(first, last, a, ring, whole)

    if solved.record.anchors is None:
        return down(jnp.zeros_like(count), count - 1, a, ring), ring

    def segment(state: Any) -> Any:
        number, a, ring = state
        first = number * size
        last = jnp.minimum(first + size, count) - 1
        missing = (last + 1 < count) | (turn > 0)
        ring = _refill(solved, whole.steps, ring, first, last, missing)
        return number - 1, down(first, last, a, ring), ring

    state = ((count + size - 1) // size - 1, a, ring)
    return while_loop(lambda state: state[0] >= 0, segment, state)[1:]


def _refill(solved: Forward, steps: Any, ring: Any, first: Any, last: Any, missing: Any) -> Any:
    """The ring with the states of steps `first` to `last`, taken again from the anchor's."""
    record, plan, span = solved.record, solved.plan, solved.span
    size = jax.tree.leaves(ring)[0].shape[0] - 1

    def lanes(k: Array) -> Array:
        return jnp.broadcast_to(k, steps.shape)

    def body(state: Any) -> Any:
        k, y, ring, ends = state
        active = k < steps
        ring = write(ring, jnp.where(active, k % size, size), y)
        own = jnp.minimum(lanes(k), jnp.maximum(steps - 1, 0))
        piece = span.piece(None if record.piece is None else read(record.piece, own))
        start, stop = recorded_ends(record, own) if ends is None else ends
        move = Move(span, piece, start, stop, own)
        stages = plan.stepper.take(solved.fields.all, solved.args, move, y, None, whole=False)
        return k + 1, choose(active, stages.y1, y), ring, ends_after(plan, span, k, ends)

    y = read(record.anchors, lanes(first // size))
    until = jnp.where(missing, last, first - 1)
    state = (first, y, ring, ends_of(plan, span, record, first))
    return while_loop(lambda state: state[0] <= until, body, state)[2]
