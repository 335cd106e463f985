"""Numbers of which each example has one, [B], or the batch as a whole, []: times, steps, slots."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree, Shaped

from ..controllers import expand_to

Lane = Shaped[Array, "*lanes"]
"""A number with the engine's lanes: [B] where each example takes its own steps, else []."""


def choose(condition: Bool[Array, "*lanes"], new: PyTree, old: PyTree) -> Any:
    """`new` where the condition holds and `old` elsewhere, lane by lane."""
    return jax.tree.map(lambda a, b: jnp.where(expand_to(condition, a), a, b), new, old)


def masked(condition: Bool[Array, "*lanes"], tree: PyTree) -> Any:
    """The tree where the condition holds and 0 elsewhere, even where the tree is not finite."""
    return jax.tree.map(lambda x: jnp.where(expand_to(condition, x), x, 0), tree)


def buffer(slots: int, like: PyTree) -> Any:
    """Room for `slots` values like `like`, one after the other on a first axis."""
    return jax.tree.map(lambda x: jnp.zeros((slots, *x.shape), x.dtype), like)


def write(
    store: PyTree,
    slot: Int[Array, "*lanes"],
    values: PyTree,
    lane: Int[Array, " lanes"] | None = None,
) -> Any:
    """The store with `values` at `slot`; each lane, or each of those named, has its own."""
    if slot.ndim == 0:
        put = lambda s, v: jax.lax.dynamic_update_index_in_dim(s, v, slot, 0)  # noqa: E731
    else:
        lane = jnp.arange(slot.shape[0]) if lane is None else lane
        put = lambda s, v: s.at[slot, lane].set(v, mode="promise_in_bounds", unique_indices=True)  # noqa: E731
    return jax.tree.map(put, store, values)


def read(store: PyTree, slot: Int[Array, "*lanes"], lane: Int[Array, " B"] | None = None) -> Any:
    """The values at `slot`, of `lane` where it is not each example's own."""
    if slot.ndim == 0:
        take = lambda s: jax.lax.dynamic_index_in_dim(s, slot, 0, keepdims=False)  # noqa: E731
    else:
        lane = jnp.arange(slot.shape[-1]) if lane is None else lane
        take = lambda s: s.at[slot, lane].get(mode="promise_in_bounds")  # noqa: E731
    return jax.tree.map(take, store)


def read_several(
    store: PyTree, slots: Int[Array, "count *lanes"], lane: Int[Array, " lanes"] | None = None
) -> Any:
    """The values at `count` slots; each lane, or each of those named, may have its own."""
    if slots.ndim == 1:
        return jax.tree.map(lambda s: s.at[slots].get(mode="promise_in_bounds"), store)
    return read(store, slots, lane)


def bytes_of(tree: PyTree[Array]) -> int:
    """The memory that the arrays of a tree take."""
    return sum(x.size * x.dtype.itemsize for x in jax.tree.leaves(tree))


def size(tree: PyTree, joint: bool) -> Float[Array, "*lanes"]:
    """The root mean square of each example, or of the batch."""
    leaves = [x.reshape(x.shape[0], -1) for x in jax.tree.leaves(tree)]
    total: Any = sum(jnp.sum(x**2, axis=1) for x in leaves)
    mean = total / max(sum(x.shape[1] for x in leaves), 1)
    return jnp.sqrt(mean.mean() if joint else mean)


def largest(tree: PyTree, joint: bool) -> Float[Array, "*lanes"]:
    """The largest absolute entry of each example, or of the batch; NaN where there is one."""
    leaves = [
        jnp.abs(x).reshape(x.shape[0], -1).max(axis=1, initial=0) for x in jax.tree.leaves(tree)
    ]
    worst = jnp.stack(leaves).max(axis=0)
    return worst.max() if joint else worst


def dots(a: PyTree, b: PyTree) -> Float[Array, " B"]:
    """The inner product of two trees [B, ...], of each example."""
    each = lambda a, b: jnp.sum((a * b).reshape(a.shape[0], -1), axis=1)  # noqa: E731
    total: Any = sum(map(each, jax.tree.leaves(a), jax.tree.leaves(b)))
    return total
