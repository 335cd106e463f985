"""A posterior of hidden states, and the moments of what is drawn from it."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...types import Keys

_LEAST = 1e-4
_SHIFT = 2.0


class GaussianPosterior(eqx.Module):
    """A normal distribution with independent entries, for each example; the prior is standard."""

    mean: Float[Array, "B Z"]
    deviation: Float[Array, "B Z"]

    @classmethod
    def of(cls, encoded: Float[Array, "B two_Z"]) -> "GaussianPosterior":
        """That of an encoder's outputs: means, then numbers r of deviations softplus(r - 2).

        Of an encoder whose outputs are small they are near 0.13: a state that is drawn close to its
        mean tells the decoder something from the first step of training on.
        """
        mean, raw = jnp.split(encoded, 2, axis=-1)
        return cls(mean, _LEAST + jax.nn.softplus(raw - _SHIFT))

    @property
    def divergence(self) -> Float[Array, " B"]:
        """The KL divergence from the standard normal distribution, in nats."""
        terms = self.mean**2 + self.deviation**2 - 1 - 2 * jnp.log(self.deviation)
        return 0.5 * jnp.sum(terms, axis=-1)

    def draw(self, count: int, key: PRNGKeyArray | Keys | None = None) -> Float[Array, "B n Z"]:
        """`count` draws of each example.

        `key` is one for all, or one for each example, [B]. Without one every example takes the same
        draws of the standard normal distribution, those of `jax.random.key(0)`.
        """
        size, length = self.mean.shape

        def one(key: Array) -> Float[Array, "n Z"]:
            return jax.random.normal(key, (count, length), self.mean.dtype)

        if key is None:
            noise = jnp.broadcast_to(one(jax.random.key(0)), (size, count, length))
        else:
            noise = jax.vmap(one)(_keys(key, size))
        return self.mean[:, None] + self.deviation[:, None] * noise


def mixture(
    paths: Float[Array, "B n T D"], deviation: Float[Array, " D"]
) -> Float[Array, "B T D 2"]:
    """Mean and standard deviation of a value whose path is one of several, by the same chances.

    The variance is that of the noise and that between the paths, which is estimated without bias;
    of one path it is 0.
    """
    count = paths.shape[1]
    mean = paths.mean(axis=1)
    between = jnp.sum((paths - mean[:, None]) ** 2, axis=1) / max(count - 1, 1)
    return jnp.stack([mean, jnp.sqrt(deviation**2 + between)], axis=-1)


def _keys(key: PRNGKeyArray | Keys, size: int) -> Keys:
    """A key for each example. A typed key has no axis; raw words have one."""
    typed = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
    return key if key.ndim == (1 if typed else 2) else jax.random.split(key, size)
