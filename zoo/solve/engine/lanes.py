"""Numbers of which each example has one, [B], or the batch as a whole, []: times, steps, slots."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree, Shaped

from ...types import State, Tree
from ..controllers import expand_to

Lane = Shaped[Array, "*lanes"]
"""A number with the engine's lanes: [B] where each example takes its own steps, else []."""


def one_of(flags: Bool[Array, "..."]) -> Int[Array, "..."]:
    """1 where a flag holds and 0 elsewhere, to be added to a counter."""
    return flags.astype(jnp.int32)


def choose(condition: Bool[Array, "*lanes"], new: Tree, old: Tree) -> Tree:
    """`new` where the condition holds and `old` elsewhere, lane by lane."""
    return jax.tree.map(lambda a, b: jnp.where(expand_to(condition, a), a, b), new, old)


def masked(condition: Bool[Array, "*lanes"], tree: Tree) -> Tree:
    """The tree where the condition holds and 0 elsewhere, even where the tree is not finite."""
    return jax.tree.map(lambda x: jnp.where(expand_to(condition, x), x, 0), tree)


def buffer(slots: int, like: Tree) -> Tree:
    """Room for `slots` values like `like`, one after the other on a first axis."""
    return jax.tree.map(lambda x: jnp.zeros((slots, *x.shape), x.dtype), like)


def write(
    store: Tree,
    slot: Int[Array, "*lanes"],
    values: Tree,
    lane: Int[Array, " lanes"] | None = None,
) -> Tree:
    """The store with `values` at `slot`; each lane, or each of those named, has its own."""
    if slot.ndim == 0:

        def put(s: Array, v: Array) -> Array:
            return jax.lax.dynamic_update_index_in_dim(s, v, slot, 0)

    else:
        lane = jnp.arange(slot.shape[0]) if lane is None else lane

        def put(s: Array, v: Array) -> Array:
            return s.at[slot, lane].set(v, mode="promise_in_bounds", unique_indices=True)

    return jax.tree.map(put, store, values)


def read(store: Tree, slot: Int[Array, "*lanes"], lane: Int[Array, " B"] | None = None) -> Tree:
    """The values at `slot`, of `lane` where it is not each example's own."""
    if slot.ndim == 0:

        def take(s: Array) -> Array:
            return jax.lax.dynamic_index_in_dim(s, slot, 0, keepdims=False)

    else:
        lane = jnp.arange(slot.shape[-1]) if lane is None else lane

        def take(s: Array) -> Array:
            return s.at[slot, lane].get(mode="promise_in_bounds")

    return jax.tree.map(take, store)


def read_several(
    store: Tree, slots: Int[Array, " count *lanes"], lane: Int[Array, " lanes"] | None = None
) -> Tree:
    """The values at `count` slots; each lane, or each of those named, may have its own."""
    if slots.ndim == 1:
        return jax.tree.map(lambda s: s.at[slots].get(mode="promise_in_bounds"), store)
    return read(store, slots, lane)


def bytes_of(tree: PyTree[Array]) -> int:
    """The memory that the arrays of a tree take."""
    return sum(x.size * x.dtype.itemsize for x in jax.tree.leaves(tree))


def size(tree: State, joint: bool) -> Float[Array, "*lanes"]:
    """The root mean square of each example, or of the batch."""
    leaves = [x.reshape(x.shape[0], -1) for x in jax.tree.leaves(tree)]
    total: Any = sum(jnp.sum(x**2, axis=1) for x in leaves)
    mean = total / max(sum(x.shape[1] for x in leaves), 1)
    return jnp.sqrt(mean.mean() if joint else mean)


def largest(tree: State, joint: bool) -> Float[Array, "*lanes"]:
    """The largest absolute entry of each example, or of the batch; NaN where there is one."""
    leaves = [
        jnp.abs(x).reshape(x.shape[0], -1).max(axis=1, initial=0) for x in jax.tree.leaves(tree)
    ]
    worst = jnp.stack(leaves).max(axis=0)
    return worst.max() if joint else worst


def dots(a: State, b: State) -> Float[Array, " B"]:
    """The inner product of two trees [B, ...], of each example."""

    def each(a: Array, b: Array) -> Array:
        return jnp.sum((a * b).reshape(a.shape[0], -1), axis=1)

    total: Any = sum(map(each, jax.tree.leaves(a), jax.tree.leaves(b)))
    return total
