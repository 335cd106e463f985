"""Errors of which a few that are large do not decide: Huber's loss as squares."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def huber_errors(errors: Float[Array, "*axes"], limit: float) -> Float[Array, "*axes"]:
    """Errors [...] whose squares are Huber's loss: e² up to `limit`, beyond it linear in |e|.

    Huber 1964, "Robust Estimation of a Location Parameter": 2 limit |e| - limit² beyond, with the
    same slope where both meet.
    """
    size = jnp.abs(errors)
    # Where an error is small the root is of something else, so that its derivative is finite.
    large = jnp.sqrt(2 * limit * jnp.maximum(size, limit) - limit**2)
    return jnp.where(size > limit, jnp.sign(errors) * large, errors)
