"""The backward pass: each recorded step is taken again and its gradient pulled back through it.

An example that failed takes no part: in its place a healthy one is taken again, with nothing to
pull back, since even a gradient of zero through a state that is not finite would be NaN.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from .carry import Report, back_to_all, largest_lanes, of_lanes
from .devices import own_everywhere, while_loop
from .lanes import choose, read, write
from .pull import Gradients, Lanes, Solved, pull_step
from .step import take_step


def pull_back(solved: Solved, report: Report, y0: PyTree) -> Gradients:
    """The gradients of the initial state, of the fields and of args."""
    ok = report.result == 0
    steps, sign = jnp.where(ok, report.accepted, 0), solved.way.sign
    whole = Lanes(None, steps, None, steps, sign)
    if not solved.plan.joint:
        source = jnp.where(ok, jnp.arange(ok.size), jnp.argmax(ok))
        whole = Lanes(None, steps, source, steps[source], sign[source])
    zeros = lambda tree: jax.tree.map(jnp.zeros_like, tree)  # noqa: E731
    fields, args = zeros(eqx.filter((solved.fields, solved.args), solved.wanted))
    a = Gradients(solved.given, fields, args, None)
    if solved.times is not None:
        saved = solved.record.saved
        assert saved is not None, "outputs are counted where there are times"
        left = jnp.full(saved.shape[1:], solved.times.shape[0], jnp.int32)
        a = a._replace(y=zeros(y0), pointer=left)
    return _backwards(solved, whole, own_everywhere(a))


def _backwards(solved: Solved, whole: Lanes, a: Gradients) -> Gradients:
    """Every step, from the last to the first; states that were not kept are made again first."""
    record, few = solved.record, solved.plan.few
    count = whole.steps.max()
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1

    def loop(first: Any, last: Any, a: Gradients, ring: Any, lanes: Lanes) -> Gradients:
        body = lambda state: (state[0] - 1, pull_step(solved, lanes, state[0], ring, state[1]))  # noqa: E731
        return while_loop(lambda state: state[0] >= first, body, (last, a))[1]

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
            go_back = lambda a: of_few(middle, last, a, ring, order[:-1])  # noqa: E731
            a = jax.lax.cond(middle <= last, go_back, lambda a: a, a)
            last = middle - 1
        return loop(first, last, a, ring, whole)

    if record.anchors is None:
        return down(jnp.zeros_like(count), count - 1, a, record.ring)

    def segment(state: Any) -> Any:
        number, a, ring = state
        first = number * size
        last = jnp.minimum(first + size, count) - 1
        missing = last + 1 < count
        ring = _refill(solved, whole.steps, ring, first, last, missing)
        return number - 1, down(first, last, a, ring), ring

    state = ((count + size - 1) // size - 1, a, record.ring)
    return while_loop(lambda state: state[0] >= 0, segment, state)[1]


def _refill(solved: Solved, steps: Any, ring: Any, first: Any, last: Any, missing: Any) -> Any:
    """The ring with the states of steps `first` to `last`, taken again from the anchor's."""
    record, sign, tableau = solved.record, solved.way.sign, solved.plan.tableau
    size = jax.tree.leaves(ring)[0].shape[0] - 1
    lanes = lambda k: jnp.broadcast_to(k, steps.shape)  # noqa: E731

    def body(state: Any) -> Any:
        k, y, ring = state
        active = k < steps
        ring = write(ring, jnp.where(active, k % size, size), y)
        own = jnp.minimum(lanes(k), jnp.maximum(steps - 1, 0))
        start, stop = read(record.start, own), read(record.stop, own)
        stages = take_step(
            solved.fields.all, solved.args, tableau, sign, start, stop, y, whole=False
        )
        return k + 1, choose(active, stages.y1, y), ring

    y = read(record.anchors, lanes(first // size))
    until = jnp.where(missing, last, first - 1)
    return while_loop(lambda state: state[0] <= until, body, (first, y, ring))[2]
