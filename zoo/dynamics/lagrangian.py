"""Lagrange's equations of a Lagrangian that is a net."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import InitScale, activation_by_name
from ..registry import register_dynamics
from ..schema import Depth, Size
from ..types import Args
from .base import Time
from .mechanical import AbstractSecondOrderDynamics, half_of
from .scalar_net import ScalarNet, SmoothActivation, batch_gradient


class LagrangianDynamics(AbstractSecondOrderDynamics):
    """dv/dt = M⁻¹ (∂L/∂q - (∂²L/∂v∂q) v) with M = ∂²L/∂v², of L(q, v) = ½ v·v + net(q, v).

    Cranmer et al. 2020, "Lagrangian Neural Networks", of a net alone; here it is added to the
    Lagrangian of free unit masses, so that M begins near to the identity. Any generalised
    coordinates will do, no momenta are needed. To have another Lagrangian, subclass and override
    `lagrangian`. Where M is singular the acceleration is not finite and the solve fails by name.
    """

    net: ScalarNet

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.softplus,
        init_scale: float = 0.1,
        key: PRNGKeyArray,
    ) -> None:
        half_of("lagrangian", size, "velocities")
        self.net = ScalarNet(
            size, width=width, depth=depth, activation=activation, init_scale=init_scale, key=key
        )

    def lagrangian(self, qs: Float[Array, "B Q"], vs: Float[Array, "B Q"]) -> Float[Array, " B"]:
        """L of each state of a batch."""
        return 0.5 * jnp.sum(vs**2, axis=-1) + self.net(jnp.concatenate([qs, vs], axis=-1))

    def acceleration(
        self, t: Time, qs: Float[Array, "B Q"], vs: Float[Array, "B Q"], args: Args
    ) -> Float[Array, "B Q"]:
        """dv/dt of a batch of states; time and `args` are not used."""

        def momenta(qs: Float[Array, "B Q"], vs: Float[Array, "B Q"]) -> Float[Array, "B Q"]:
            return batch_gradient(lambda vs: self.lagrangian(qs, vs), vs)

        _, along = jax.linearize(momenta, qs, vs)
        still = jnp.zeros_like(vs)
        drift = along(vs, still)

        def row(direction: Float[Array, " Q"]) -> Float[Array, "B Q"]:
            return along(still, jnp.broadcast_to(direction, vs.shape))

        mass = jnp.moveaxis(jax.vmap(row)(jnp.eye(vs.shape[-1], dtype=vs.dtype)), 0, -1)
        forces = batch_gradient(lambda qs: self.lagrangian(qs, vs), qs) - drift
        return jnp.linalg.solve(mass, forces[..., None])[..., 0]


@register_dynamics("lagrangian")
def lagrangian_dynamics(
    size: int,
    *,
    width: Size = 64,
    depth: Depth = 2,
    activation: SmoothActivation = "softplus",
    init_scale: InitScale = 0.1,
    key: PRNGKeyArray,
) -> LagrangianDynamics:
    """Lagrange's equations of positions and velocities, whose Lagrangian is a net.

    Args:
        size: length of the state, positions first
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer, smooth
        init_scale: factor on what is first added to the Lagrangian of free unit masses
        key: random key of the initial weights
    """
    return LagrangianDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
