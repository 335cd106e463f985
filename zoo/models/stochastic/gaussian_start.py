"""The law of where a latent path starts, and its posterior."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...types import Keys

LEAST = 1e-3


class GaussianStart(eqx.Module):
    """A learned normal law of z(0), each number of it by itself; N(0, 1) at first."""

    mean: Float[Array, " Z"]
    raw: Float[Array, " Z"]
    """The logarithm of what the deviation has above `LEAST`."""

    def __init__(self, size: int) -> None:
        self.mean, self.raw = jnp.zeros(size), jnp.zeros(size)

    @property
    def deviation(self) -> Float[Array, " Z"]:
        """The standard deviations."""
        return LEAST + jnp.exp(self.raw)

    def posterior(
        self, encoded: Float[Array, "B two_Z"]
    ) -> tuple[Float[Array, "B Z"], Float[Array, "B Z"]]:
        """Means and deviations of z(0) given series, of what an encoder says of them: in units of
        the prior, whose own they are where it says 0."""
        shift, raw = jnp.split(encoded, 2, axis=-1)
        return self.mean + self.deviation * shift, LEAST + self.deviation * jnp.exp(raw)

    def log_ratio(
        self, mean: Float[Array, "B Z"], deviation: Float[Array, "B Z"], z: Float[Array, "B Z"]
    ) -> Float[Array, " B"]:
        """How much denser posteriors are than this law at states z, in nats; their divergence in
        the mean over draws."""
        posterior = jax.scipy.stats.norm.logpdf(z, mean, deviation)
        return jnp.sum(posterior - jax.scipy.stats.norm.logpdf(z, self.mean, self.deviation), -1)

    @staticmethod
    def draw(
        mean: Float[Array, "*B Z"], deviation: Float[Array, "*B Z"], key: Keys
    ) -> Float[Array, "n Z"]:
        """A start for each of the keys [n], of laws [Z] or [n, Z]."""
        size, dtype = mean.shape[-1], mean.dtype
        noise = jax.vmap(lambda one: jax.random.normal(one, (size,), dtype))(key)
        return mean + deviation * noise
