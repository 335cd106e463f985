"""The backward pass: each recorded step is taken again and its gradient pulled back through it.

An example that failed takes no part: in its place a healthy one is taken again, with nothing to
pull back, since even a gradient of zero through a state that is not finite would be NaN.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree

from .lanes import Lane, choose, masked, read, write
from .loop import Report, Way
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


def pull_back(
    plan: Plan,
    functions: tuple[Any, Any],
    perturbed: tuple[Any, Any],
    y0: PyTree[Array],
    way: Way,
    times: Array | None,
    report: Report,
    record: Record,
    given: PyTree[Array],
) -> tuple[Any, Any, PyTree[Array]]:
    """The gradients of the field, of args and of the initial state, of (field, args) = `functions`.

    `given` is the gradient of the states at the end, [B, ...], or at `times`, [T, B, ...].
    """
    ok = report.result == 0
    steps = jnp.where(ok, report.accepted, 0)
    source = None if plan.joint else jnp.where(ok, jnp.arange(ok.size), jnp.argmax(ok))
    field, args = functions
    if source is not None:
        args = jax.tree.map(lambda x: x[source] if eqx.is_array(x) else x, args)
    sign = way.sign if source is None else way.sign[source]
    differentiable, rest = eqx.partition((field, args), perturbed)

    def pull(k: Int[Array, ""], carry: Any, ring: PyTree) -> Any:
        a_y, a_functions, pointer = carry
        again = _recorded(record, ring, k, steps, source)

        def step(y: PyTree, functions: Any) -> Any:
            field, args = eqx.combine(functions, rest)
            stages = take_step(
                field, args, plan.tableau, sign, again.start, again.stop, y, whole=times is not None
            )
            return (stages.y1, stages.slopes) if times is not None else stages.y1

        values, pull_step = jax.vjp(step, again.y, differentiable)
        a_step = masked(again.active, a_y)
        direct = None
        if times is not None:
            inside, pointer = _pull_outputs(plan, times, again, values, sign, given, pointer)
            direct, a_y1, a_slopes = inside
            a_step = (jax.tree.map(jnp.add, a_step, a_y1), a_slopes)
        pulled, more = pull_step(a_step)
        if direct is not None:
            pulled = jax.tree.map(jnp.add, pulled, direct)
        return choose(again.active, pulled, a_y), jax.tree.map(jnp.add, a_functions, more), pointer

    a_y = given if times is None else jax.tree.map(jnp.zeros_like, y0)
    pointer = None
    if times is not None:
        pointer = jnp.full(record.saved.shape[1:], times.shape[0], jnp.int32)  # type: ignore[union-attr]
    carry = (a_y, jax.tree.map(jnp.zeros_like, differentiable), pointer)
    a_y, (a_field, a_args), _ = _backwards(plan, functions, way, record, steps, pull, carry)
    return a_field, a_args, a_y


def _backwards(
    plan: Plan, functions: Any, way: Way, record: Record, steps: Any, pull: Any, carry: Any
) -> Any:
    """`pull` for every step, from the last to the first; earlier states are made again first."""
    count = steps.max()
    size = jax.tree.leaves(record.ring)[0].shape[0] - 1

    def down(first: Any, last: Any, carry: Any, ring: Any) -> Any:
        body = lambda state: (state[0] - 1, pull(state[0], state[1], ring))  # noqa: E731
        return jax.lax.while_loop(lambda state: state[0] >= first, body, (last, carry))[1]

    if record.anchors is None:
        return down(0, count - 1, carry, record.ring)

    def segment(state: Any) -> Any:
        number, carry, ring = state
        first = number * size
        last = jnp.minimum(first + size, count) - 1
        missing = last + 1 < count
        ring = _refill(plan, functions, way, record, steps, ring, first, last, missing)
        return number - 1, down(first, last, carry, ring), ring

    state = ((count + size - 1) // size - 1, carry, record.ring)
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
    field, args = functions
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


def _recorded(record: Record, ring: Any, k: Any, steps: Any, source: Any) -> Again:
    size = jax.tree.leaves(ring)[0].shape[0] - 1
    count = steps if source is None else steps[source]
    own = jnp.minimum(jnp.broadcast_to(k, count.shape), jnp.maximum(count - 1, 0))
    saved = record.saved
    if saved is not None:
        saved = read(saved, jnp.broadcast_to(own, saved.shape[1:]), source)
    return Again(
        active=k < steps,
        start=read(record.start, own, source),
        stop=read(record.stop, own, source),
        y=read(ring, own % size, source),
        saved=saved,
    )


def _pull_outputs(
    plan: Plan, times: Any, again: Again, values: Any, sign: Any, given: Any, pointer: Any
) -> tuple[Any, Any]:
    """Gradients of (y0, y1, slopes) of a step from the outputs inside it, and how many are left."""
    y1, slopes = values

    def body(state: Any) -> Any:
        totals, pointer = state
        now = again.active & (pointer > again.saved)
        index = jnp.maximum(pointer - 1, 0)
        time = read_time(times, index)
        a = masked(now, read(given, index))
        inside = lambda y0, y1, slopes: interpolate(  # noqa: E731
            plan, again.start, again.stop, y0, y1, slopes, time, sign
        )
        _, pull = jax.vjp(inside, again.y, y1, slopes)
        return jax.tree.map(jnp.add, totals, pull(a)), pointer - now

    nothing = jax.tree.map(jnp.zeros_like, (again.y, y1, slopes))
    left = lambda state: (again.active & (state[1] > again.saved)).any()  # noqa: E731
    return jax.lax.while_loop(left, body, (nothing, pointer))
