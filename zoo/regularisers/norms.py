"""Sizes of each example's part of a batch."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree


def squares(tree: PyTree[Array]) -> Float[Array, " B"]:
    """The sum of squares of each example; leaves of shape [B, ...]."""
    leaves = [jnp.square(x).reshape(x.shape[0], -1) for x in jax.tree.leaves(tree)]
    total: Any = sum(x.sum(axis=1) for x in leaves)
    return total


def norms(tree: PyTree[Array]) -> Float[Array, " B"]:
    """The Euclidean norm of each example, with a gradient of zero where it is zero."""
    total = squares(tree)
    positive = total > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, total, 1)), 0)
