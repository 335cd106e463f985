"""Noise that fills the gaps between the levels of what takes few values."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...regularisers import keys_of_examples
from ...types import Keys


def dequantised(
    states: Float[Array, "B ..."], quanta: Sequence[float], key: PRNGKeyArray | Keys
) -> Float[Array, "B ..."]:
    """States with q (u - 1/2) added to a number whose levels are q apart, u ~ U(0, 1).

    A number that takes few values has no density; the one of its dequantised values bounds the log
    probability of the level (Theis et al. 2016, "A note on the evaluation of generative models").

    Args:
        states: [B, ...].
        quanta: q of each number of a state, or one for all; 0 for what stays as it is. () for none.
        key: one, folded with each place in the batch, or one for each example, [B].
    """
    if not any(quanta):
        return states
    size = math.prod(states.shape[1:])
    spacing = jnp.broadcast_to(jnp.asarray(quanta, states.dtype), (size,))

    def one(key: PRNGKeyArray) -> Float[Array, " size"]:
        return spacing * (jax.random.uniform(key, (size,), states.dtype) - 0.5)

    added = jax.vmap(one)(keys_of_examples(key, len(states)))
    return states + added.reshape(states.shape)
