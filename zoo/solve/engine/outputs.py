"""Values at given times, interpolated within the steps by the method's own polynomial."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PyTree, Shaped

from ...types import State, Tree
from .devices import while_loop
from .interval import arrival
from .lanes import Lane, buffer, one_of, read, write
from .plan import Plan
from .step import Move, Stages


class Outputs(NamedTuple):
    """The times wanted and the values so far; times run forward, as in `take_step`."""

    times: Shaped[Array, " T *outputs"]
    """[T] where all lanes come to them together, else [T, B]."""
    values: PyTree[Array]
    """[T + 1, B, ...]; the last place takes what is not wanted."""
    made: Int[Array, "*outputs"]
    """How many of them are there."""
    total: Int[Array, "*outputs"]
    """How many are to be made: a last time that is repeated is made once."""


def begin(times: Array, length: Lane, y0: State) -> Outputs:
    """No output yet but those wanted at the start, or before it: the initial state."""
    room = buffer(times.shape[0] + 1, y0)
    values = jax.tree.map(lambda room, y: jnp.broadcast_to(y, room.shape), room, y0)
    made = jnp.sum(rows(times, length) <= jnp.zeros_like(length), axis=0, dtype=jnp.int32)
    return Outputs(times, values, made, needed(times, length))


def rows(times: Array, length: Lane) -> Array:
    """The times as [T, B], or [T, 1] or [T] where lanes share them."""
    return times if times.ndim == 2 or length.ndim == 0 else times[:, None]


def needed(times: Array, length: Lane) -> Int[Array, "*outputs"]:
    """How many outputs are made: all before the end of the interval, and that at the end once."""
    before = jnp.sum(rows(times, length) < arrival(length), axis=0, dtype=jnp.int32)
    return jnp.minimum(1 + before, times.shape[0])


def repeat_last(values: Tree, count: Int[Array, "*outputs"]) -> Tree:
    """Values [T, B, ...] with the last that was made in the place of those that repeat it."""

    def leaf(v: Array) -> Array:
        return jnp.where(_after(v, count), read(v, count - 1)[None], v)

    return jax.tree.map(leaf, values)


def gather_last(gradient: Tree, count: Int[Array, "*outputs"]) -> Tree:
    """The gradient of values with that of the repeated ones added to the last that was made."""

    def leaf(a: Array) -> Array:
        after, before_last = _after(a, count), _after(a, count - 1)
        return jnp.where(after, 0, jnp.where(before_last, _tail(a, before_last), a))

    return jax.tree.map(leaf, gradient)


def _tail(a: Array, where: Array) -> Array:
    return jnp.sum(a, axis=0, where=where, keepdims=True)


def _after(v: Array, count: Int[Array, "*outputs"]) -> Bool[Array, "T ..."]:
    """Which of the values [T, B, ...] have a place of `count` or more."""
    place = jnp.arange(v.shape[0], dtype=jnp.int32).reshape(-1, *[1] * (v.ndim - 1))
    return place >= count.reshape(count.shape + (1,) * (v.ndim - 1 - count.ndim))


def wanted(outputs: Outputs, until: Lane, keep: Bool[Array, "*lanes"]) -> Bool[Array, "*outputs"]:
    """Which lanes have an output before `until` to make."""
    at = read_time(outputs.times, jnp.minimum(outputs.made, outputs.times.shape[0] - 1))
    return keep & (outputs.made < outputs.total) & (at <= until)


def read_time(times: Array, index: Array) -> Array:
    """times[index], where each lane may have its own row and its own index, or several."""
    return times[index] if times.ndim == 1 else read(times, index)


def make(
    plan: Plan,
    outputs: Outputs,
    move: Move,
    y0: State,
    stages: Stages,
    keep: Bool[Array, "*lanes"],
    lane: Int[Array, " lanes"] | None = None,
) -> Outputs:
    """The outputs with those that lie in the step just kept, of `lane` where that is not all."""
    count = outputs.times.shape[0]
    # At the end of the interval all that are still to be made are.
    until = jnp.where(move.stop >= move.span.arrival, jnp.inf, move.stop)

    def body(outputs: Outputs) -> Outputs:
        now = wanted(outputs, until, keep)
        tau = read_time(outputs.times, jnp.minimum(outputs.made, count - 1))
        value = plan.stepper.interpolate(move, y0, stages.y1, stages.slopes, tau)
        slot = jnp.where(now, outputs.made, count)
        values = write(outputs.values, slot, value, lane)
        return outputs._replace(values=values, made=outputs.made + one_of(now))

    return while_loop(lambda o: wanted(o, until, keep).any(), body, outputs)
