"""The noise of a solve: each example's own, whatever the batch that it is solved in."""

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray, PyTree

from ..errors import ConfigError
from ..types import Keys, State


def draw_noise(
    distribution: Literal["rademacher", "normal"], key: PRNGKeyArray | Keys, like: PyTree[Array]
) -> State:
    """Noise of the shapes and types of `like`, [B, ...], of mean 0 and variance 1.

    Args:
        distribution: of each entry.
        key: one, which is folded with each example's place in the batch, or B of them.
        like: a batch of states.

    Raises `ConfigError` for another number of keys.
    """
    sample = jax.random.rademacher if distribution == "rademacher" else jax.random.normal
    leaves, tree = jax.tree.flatten(like)

    def one(key: PRNGKeyArray) -> list[Array]:
        keys = jax.random.split(key, len(leaves))
        return [sample(k, y.shape[1:], y.dtype) for k, y in zip(keys, leaves, strict=True)]

    return jax.tree.unflatten(tree, jax.vmap(one)(keys_of_examples(key, leaves[0].shape[0])))


def keys_of_examples(key: PRNGKeyArray | Keys, count: int) -> Keys:
    """A key for each of `count` examples: those given, or one folded with each place in the batch.

    Raises `ConfigError` for another number of keys.
    """
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    if key.shape not in ((), (count,)):
        raise ConfigError(
            f"key has shape {key.shape}: expected one key, (), or one for each example, ({count},)."
        )
    if key.ndim:
        return key
    return jax.vmap(lambda place: jax.random.fold_in(key, place))(jnp.arange(count))
