"""A diffusion that stays positive."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import AbstractBatchDynamics, Dynamics, Time, lift
from ...types import Args

LEAST = 1e-3


class PositiveDiffusion(AbstractBatchDynamics):
    """g(t, y) = 0.001 + softplus(field(t, y) + c), with c such that g is near 1 where the field is
    near 0.

    A diffusion of 0 would leave the law of a path without a density, and the divergence of two laws
    without a bound. Of standardised paths on [0, 1] a diffusion of 1 gives increments of the size
    that the values have.

    Args:
        field: any dynamics of a vector.
    """

    field: Dynamics

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The diffusion of a batch, a number for each of the state."""
        shift = jnp.log(jnp.expm1(jnp.asarray(1.0, ys.dtype)))
        return LEAST + jax.nn.softplus(lift(self.field)(t, ys, args) + shift)
