"""The backward pass: each recorded step is taken again and its gradient pulled back through it.

An example that failed takes no part: in its place a healthy one is taken again, with nothing to
pull back, since even a gradient of zero through a state that is not finite would be NaN.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree

from .carry import Fields, Report, Way, back_to_all, of_lanes
from .lanes import Lane, choose, masked, read, write
from .outputs import interpolate, read_time
from .plan import Plan
from .record import Record
from .step import take_step


class Again(NamedTuple):
    """Step number k of each lane, as the record has it."""

    active: Bool[Array, "*lanes"]
    start: Lane
    stop: Lane
    y: PyTree[Array]
    saved: Array | None


class Lanes(NamedTuple):
    """Whose steps are pulled back: those of all lanes, or of the few that took the most."""

    lane: Int[Array, " lanes"] | None
    """Which they are; None for all."""
    steps: Int[Array, "*lanes"]
    """How many steps of theirs count: none of an example that failed."""
    source: Int[Array, " lanes"] | None
    """Whose steps are taken again; None where all share them."""
    taken: Int[Array, "*lanes"]
    """How many there are of those."""
    sign: Lane


class Gradients(NamedTuple):
    """What has come back so far."""

    y: PyTree[Array]
    all: PyTree[Array]
    few: PyTree[Array]
    args: PyTree[Array]
    pointer: Array | None
    """How many outputs are still to come, of each lane."""


def pull_back(
    plan: Plan,
    functions: tuple[Fields, Any],
    perturbed: tuple[Fields, Any],
    y0: PyTree[Array],
    way: Way,
    times: Array | None,
    report: Report,
    record: Record,
    given: PyTree[Array],
) -> tuple[Fields, Any, PyTree[Array]]:
    """The gradients of the fields, of args and of the initial state.

    `functions` are (fields, args); `given` is the gradient of the states at the end, [B, ...], or
    at `times`, [T, B, ...].
    """
    ok = report.result == 0
    steps = jnp.where(ok, report.accepted, 0)
    whole = Lanes(None, steps, None, steps, way.sign)
    if not plan.joint:
        source = jnp.where(ok, jnp.arange(ok.size), jnp.argmax(ok))
        whole = Lanes(None, steps, source, steps[source], way.sign[source])

    def pull(k: Any, a: Gradients, ring: PyTree, lanes: Lanes) -> Gradients:
        return _pull_step(plan, functions, perturbed, times, record, given, k, a, ring, lanes)

    zeros = lambda tree, wanted: jax.tree.map(jnp.zeros_like, eqx.filter(tree, wanted))  # noqa: E731
    pointer = None
    if times is not None:
        pointer = jnp.full(record.saved.shape[1:], times.shape[0], jnp.int32)  # type: ignore[union-attr]
    a = Gradients(
        y=given if times is None else jax.tree.map(jnp.zeros_like, y0),
        all=zeros(functions[0].all, perturbed[0].all),
        few=zeros(functions[0].few, perturbed[0].few),
        args=zeros(functions[1], perturbed[1]),
        pointer=pointer,
    )
    a = _backwards(plan, functions, way, record, whole, pull, a)
    return Fields(a.all, a.few), a.args, a.y


def _pull_step(
    plan: Plan,
    functions: tuple[Fields, Any],
    perturbed: tuple[Fields, Any],
    times: Array | None,
    record: Record,
    given: PyTree[Array],
    k: Int[Array, ""],
    a: Gradients,
    ring: PyTree,
    lanes: Lanes,
) -> Gradients:
    """The gradients with those of step number `k` of each of the lanes."""
    again = _recorded(record, ring, k, lanes)
    name = "all" if lanes.lane is None else "few"
    of_field, rest_of_field = eqx.partition(
        getattr(functions[0], name), getattr(perturbed[0], name)
    )
    of_args, rest_of_args = eqx.partition(functions[1], perturbed[1])

    def step(y: PyTree, of_field: Any, of_args: Any) -> Any:
        args = eqx.combine(of_args, rest_of_args)
        args = args if lanes.source is None else of_lanes(args, lanes.source)
        stages = take_step(
            eqx.combine(of_field, rest_of_field),
            args,
            plan.tableau,
            lanes.sign,
            again.start,
            again.stop,
            y,
            whole=times is not None,
        )
        return (stages.y1, stages.slopes) if times is not None else stages.y1

    values, pull_step = jax.vjp(step, again.y, of_field, of_args)
    a_step = masked(again.active, a.y)
    direct, pointer = None, a.pointer
    if times is not None:
        inside, pointer = _pull_outputs(plan, times, again, values, lanes, given, pointer)
        direct, a_y1, a_slopes = inside
        a_step = (jax.tree.map(jnp.add, a_step, a_y1), a_slopes)
    pulled, a_field, a_args = pull_step(a_step)
    if direct is not None:
        pulled = jax.tree.map(jnp.add, pulled, direct)
    add = lambda total, more: jax.tree.map(jnp.add, total, more)  # noqa: E731
    new = a._replace(y=choose(again.active, pulled, a.y), args=add(a.args, a_args), pointer=pointer)
    return new._replace(**{name: add(getattr(a, name), a_field)})


def _backwards(
    plan: Plan, functions: Any, way: Way, record: Record, whole: Lanes, pull: Any, a: Gradients
) -> Gradients:
    """`pull` for every step, from the last to the first; earlier states are made again first."""
    count = whole.steps.max()
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1

    def loop(first: Any, last: Any, a: Gradients, ring: Any, lanes: Lanes) -> Gradients:
        body = lambda state: (state[0] - 1, pull(state[0], state[1], ring, lanes))  # noqa: E731
        return jax.lax.while_loop(lambda state: state[0] >= first, body, (last, a))[1]

    def of_few(first: Any, last: Any, a: Gradients, ring: Any, lane: Any) -> Gradients:
        few = of_lanes(whole, lane)._replace(lane=lane)
        part = a._replace(y=of_lanes(a.y, lane), pointer=of_lanes(a.pointer, lane))
        part = loop(first, last, part, ring, few)
        return part._replace(
            y=back_to_all(a.y, lane, part.y), pointer=back_to_all(a.pointer, lane, part.pointer)
        )

    def down(first: Any, last: Any, a: Gradients, ring: Any) -> Gradients:
        if plan.few:
            # From this step on only the few that took the most have any left.
            most, order = jax.lax.top_k(whole.steps.astype(jnp.float32), plan.few + 1)
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
        ring = _refill(plan, functions, way, record, whole.steps, ring, first, last, missing)
        return number - 1, down(first, last, a, ring), ring

    state = ((count + size - 1) // size - 1, a, record.ring)
    return jax.lax.while_loop(lambda state: state[0] >= 0, segment, state)[1]


def _refill(
    plan: Plan,
    functions: Any,
    way: Way,
    record: Record,
    steps: Any,
    ring: Any,
    first: Any,
    last: Any,
    missing: Any,
) -> Any:
    """The ring with the states of steps `first` to `last`, taken again from the anchor's."""
    field, args = functions[0].all, functions[1]
    size = jax.tree.leaves(ring)[0].shape[0] - 1
    lanes = lambda k: jnp.broadcast_to(k, steps.shape)  # noqa: E731

    def body(state: Any) -> Any:
        k, y, ring = state
        active = k < steps
        ring = write(ring, jnp.where(active, k % size, size), y)
        own = jnp.minimum(lanes(k), jnp.maximum(steps - 1, 0))
        start, stop = read(record.start, own), read(record.stop, own)
        stages = take_step(field, args, plan.tableau, way.sign, start, stop, y, whole=False)
        return k + 1, choose(active, stages.y1, y), ring

    y = read(record.anchors, lanes(first // size))
    until = jnp.where(missing, last, first - 1)
    return jax.lax.while_loop(lambda state: state[0] <= until, body, (first, y, ring))[2]


def _recorded(record: Record, ring: Any, k: Any, lanes: Lanes) -> Again:
    size = jax.tree.leaves(ring)[0].shape[0] - 1
    own = jnp.minimum(jnp.broadcast_to(k, lanes.taken.shape), jnp.maximum(lanes.taken - 1, 0))
    saved = record.saved
    if saved is not None:
        slot = own if own.ndim else jnp.broadcast_to(own, saved.shape[1:])
        saved = read(saved, slot, lanes.source)
    return Again(
        active=k < lanes.steps,
        start=read(record.start, own, lanes.source),
        stop=read(record.stop, own, lanes.source),
        y=read(ring, own % size, lanes.source),
        saved=saved,
    )


def _pull_outputs(
    plan: Plan, times: Any, again: Again, values: Any, lanes: Lanes, given: Any, pointer: Any
) -> tuple[Any, Any]:
    """Gradients of (y0, y1, slopes) of a step from the outputs inside it, and how many are left."""
    y1, slopes = values
    if lanes.lane is not None and times.ndim == 2:
        times = times[:, lanes.lane]

    def body(state: Any) -> Any:
        totals, pointer = state
        now = again.active & (pointer > again.saved)
        index = jnp.maximum(pointer - 1, 0)
        time = read_time(times, index)
        a = masked(now, read(given, index, lanes.lane))
        inside = lambda y0, y1, slopes: interpolate(  # noqa: E731
            plan, again.start, again.stop, y0, y1, slopes, time, lanes.sign
        )
        _, pull = jax.vjp(inside, again.y, y1, slopes)
        return jax.tree.map(jnp.add, totals, pull(a)), pointer - now

    nothing = jax.tree.map(jnp.zeros_like, (again.y, y1, slopes))
    left = lambda state: (again.active & (state[1] > again.saved)).any()  # noqa: E731
    return jax.lax.while_loop(left, body, (nothing, pointer))
