"""The noise of observations, learned: one standard deviation for each channel."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...types import Keys

_LEAST = 1e-3


class LearnedNoise(eqx.Module):
    """A standard deviation for each channel, in standardised units, at least 0.001.

    It starts at 1, that of the data themselves, and is fitted by the likelihood of the errors.
    """

    log: Float[Array, " D"]
    """The logarithm of what is above the least."""

    def __init__(self, channels: int) -> None:
        self.log = jnp.zeros(channels)

    @property
    def deviation(self) -> Float[Array, " D"]:
        """The standard deviations."""
        return _LEAST + jnp.exp(self.log)

    def beside(self, means: Float[Array, "*axes D"]) -> Float[Array, "*axes D 2"]:
        """Means and deviations as a model of paths returns them."""
        deviation = jnp.broadcast_to(self.deviation.astype(means.dtype), means.shape)
        return jnp.stack([means, deviation], axis=-1)


def with_noise(
    paths: Float[Array, "B T D"], deviation: Float[Array, " D"], key: Keys
) -> Float[Array, "B T D"]:
    """Paths with noise on each value, drawn from each example's own key."""

    def draw(key: Array, path: Float[Array, "T D"]) -> Float[Array, "T D"]:
        return path + deviation * jax.random.normal(key, path.shape, path.dtype)

    return jax.vmap(draw)(key, paths)
