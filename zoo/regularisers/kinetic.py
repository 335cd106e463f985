"""The kinetic energy of a trajectory."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ..registry import register_regulariser
from ..schema import NonNegativeFloat
from ..types import Args, State
from .base import Rate


@register_regulariser("kinetic")
def kinetic(*, weight: NonNegativeFloat = 0.01) -> Rate:
    """weight · ∫ |dy/dt|² dt, the kinetic energy: it makes trajectories straight and cheap.

    Finlay et al. 2020, "How to Train Your Neural ODE: the World of Jacobian and Kinetic
    Regularization", of which this is the kinetic part.

    Args:
        weight: factor before the integral
    """

    def rate(t: Any, y: State, dy: PyTree[Array], args: Args) -> Float[Array, ""]:
        squares = [jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(dy)]
        return weight * jnp.sum(jnp.stack(squares))

    return rate
