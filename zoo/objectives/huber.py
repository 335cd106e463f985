"""Errors of which a few that are large do not decide: Huber's loss as squares."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import ConfigError


def check_huber(limit: float | None) -> None:
    """Raise `ConfigError` for a limit of Huber's loss that is not above 0; None is no limit."""
    if limit is not None and not 0 < limit < math.inf:
        raise ConfigError(
            f"huber = {limit}: expected an error above 0, in the data's units, beyond which a "
            "value counts by its size; None for the squares of all."
        )


def huber_errors(errors: Float[Array, "*axes"], limit: float) -> Float[Array, "*axes"]:
    """Errors [...] whose squares are Huber's loss: e² up to `limit`, beyond it linear in |e|.

    Huber 1964, "Robust Estimation of a Location Parameter": 2 limit |e| - limit² beyond, with the
    same slope where both meet.
    """
    size = jnp.abs(errors)
    # Where an error is small the root is of something else, so that its derivative is finite.
    large = jnp.sqrt(2 * limit * jnp.maximum(size, limit) - limit**2)
    return jnp.where(size > limit, jnp.sign(errors) * large, errors)
