"""Regularisers: what a solution costs along its way, added to the loss of each example."""

from typing import Any, Protocol

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from .registry import register_regulariser
from .schema import NonNegativeFloat


class Regulariser(Protocol):
    """`rate(t, y, dy, args) -> scalar`, a cost per unit of time of **one** example.

    `dy` is dy/dt at (t, y). Its integral over the solve is `Stats.penalty`, which training adds to
    the example's loss. It rides along outside error control, so that it does not change the steps,
    and costs no evaluation of the dynamics. Use it with `zoo.fit(..., regulariser=rate)`, on any
    model that solves an ODE; by name, register a builder of one with `zoo.register_regulariser`.
    """

    def __call__(self, t: Any, y: PyTree[Array], dy: PyTree[Array], args: Any) -> Float[Array, ""]:
        """The cost per unit of time."""


@register_regulariser("kinetic")
def kinetic(*, weight: NonNegativeFloat = 0.01) -> Regulariser:
    """weight · ∫ |dy/dt|² dt, the kinetic energy: it makes trajectories straight and cheap.

    Finlay et al. 2020, "How to Train Your Neural ODE: the World of Jacobian and Kinetic
    Regularization", of which this is the kinetic part.

    Args:
        weight: factor before the integral
    """

    def rate(t: Any, y: PyTree[Array], dy: PyTree[Array], args: Any) -> Float[Array, ""]:
        squares = [jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(dy)]
        return weight * jnp.sum(jnp.stack(squares))

    return rate
