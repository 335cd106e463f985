"""Series in units of their own: each by the mean and the deviation of what it shows."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .batch import Series

_LEAST = 1e-3


class OwnScale(eqx.Module):
    """The mean and the standard deviation of the values that each series shows, by channel.

    Kim et al. 2022, "Reversible Instance Normalization for Accurate Time-Series Forecasting against
    Distribution Shift": a net that sees each series by its own scale, and whose paths are scaled
    back, need not have been trained on series of that level. A channel that shows no value has
    mean 0, and one that shows fewer than two unlike values has deviation 1.
    """

    mean: Float[Array, "B 1 D"]
    deviation: Float[Array, "B 1 D"]

    @classmethod
    def of(cls, xs: Series) -> "OwnScale":
        """That of series in standardised units."""
        count = jnp.maximum(xs.mask.sum(axis=1, keepdims=True), 1)
        mean = jnp.sum(xs.x, axis=1, keepdims=True) / count  # what is not shown is 0
        apart = jnp.where(xs.mask, xs.x - mean, 0)
        variance = jnp.sum(apart**2, axis=1, keepdims=True) / count
        constant = variance < _LEAST**2
        return cls(mean, jnp.where(constant, 1, jnp.sqrt(jnp.where(constant, 1, variance))))

    def apply(self, xs: Series) -> Series:
        """The series in their own units; what is not shown stays 0."""
        own = jnp.where(xs.mask, (xs.x - self.mean) / self.deviation, 0)
        scaled: Series = eqx.tree_at(lambda s: s.x, xs, own)
        return scaled

    def paths(self, ys: Float[Array, "B T D 2"]) -> Float[Array, "B T D 2"]:
        """Means and deviations in the units that the series were given in."""
        mean, deviation = ys[..., 0], ys[..., 1]
        return jnp.stack([self.mean + self.deviation * mean, self.deviation * deviation], axis=-1)
