"""Sums over all devices, in one all-reduce."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ..precision import at_least_float32
from ..types import Tree
from .chosen import AXIS


def total(added: Tree, kept: PyTree[Array], count: int) -> tuple[Tree, PyTree[Array]]:
    """`added` summed over the `count` devices, and `kept`, single numbers, as each has them.

    For use within `share`. The latter come as arrays [count]: a number that is no sum, such as a
    maximum, takes a place of its own for each device, so that one all-reduce serves everything.
    Whole numbers pass as floats, exactly up to 2^24.
    """
    me = jax.lax.axis_index(AXIS)
    slots = jax.tree.map(lambda x: jnp.where(jnp.arange(count) == me, x, 0), kept)
    leaves, structure = jax.tree.flatten((added, slots))
    dtype = at_least_float32(*[x.dtype for x in leaves if jnp.issubdtype(x.dtype, jnp.floating)])
    flat = jnp.concatenate([x.astype(dtype).ravel() for x in leaves])
    summed = jax.lax.psum(flat, AXIS)
    ends = np.cumsum([x.size for x in leaves])
    parts = jnp.split(summed, ends[:-1])
    back = [part.reshape(x.shape).astype(x.dtype) for part, x in zip(parts, leaves, strict=True)]
    both: tuple[Tree, PyTree[Array]] = jax.tree.unflatten(structure, back)
    return both
