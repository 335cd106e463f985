"""The path on which independent data and noise of variance 1 keep that variance."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ....registry import register_path
from .base import AbstractPath


class VariancePreserving(AbstractPath):
    """x_s = cos(π s / 2) x + sin(π s / 2) z, whose squared weights add up to 1.

    The trigonometric interpolant of Albergo and Vanden-Eijnden 2023, "Building Normalizing Flows
    with Stochastic Interpolants"; the cosine schedule of diffusion models.
    """

    sigma: float = eqx.field(static=True, default=0.0)

    def weights(self, s: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """cos(π s / 2) and sin(π s / 2)."""
        angle = 0.5 * jnp.pi * s
        return jnp.cos(angle), jnp.sin(angle)


@register_path("variance_preserving")
def variance_preserving() -> VariancePreserving:
    """A quarter of a circle, on which the variance stays that of the data."""
    return VariancePreserving()
