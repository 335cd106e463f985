"""Hamilton's equations with friction."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import InitScale, activation_by_name
from ..nn.physical import Positive
from ..registry import register_dynamics
from ..schema import Depth, PositiveFloat, Size
from ..types import Args
from .base import AbstractBatchDynamics, Time
from .mechanical import half_of
from .scalar_net import ScalarNet, SmoothActivation, batch_gradient
from .separable import halves


class DissipativeDynamics(AbstractBatchDynamics):
    """dq/dt = ∂H/∂p and dp/dt = -∂H/∂q - damping · dq/dt, H(q, p) a net.

    The friction is that of Rayleigh's function ½ damping · (dq/dt)², with a positive number for
    each position: the energy never grows, dH/dt = -damping · (dq/dt)². A port-Hamiltonian system
    with a diagonal dissipation (van der Schaft and Jeltsema 2014); Sosanya and Greydanus 2022,
    "Dissipative Hamiltonian Neural Networks", learn Rayleigh's function by a net.
    """

    hamiltonian: ScalarNet
    damping: Positive
    """Of each position, [size / 2]."""

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        damping: float = 0.1,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        half = half_of("dissipative", size, "momenta")
        self.hamiltonian = ScalarNet(
            size, width=width, depth=depth, activation=activation, init_scale=init_scale, key=key
        )
        self.damping = Positive([damping] * half)

    def energy(self, ys: Float[Array, "B D"]) -> Float[Array, " B"]:
        """H of each state of a batch."""
        return self.hamiltonian(ys)

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The derivatives of a batch of states; time and `args` are not used."""
        by_q, velocities = halves(batch_gradient(self.energy, ys))
        friction = self.damping.value.astype(ys.dtype) * velocities
        return jnp.concatenate([velocities, -by_q - friction], axis=-1)


@register_dynamics("dissipative")
def dissipative_dynamics(
    size: int,
    *,
    width: Size = 64,
    depth: Depth = 2,
    activation: SmoothActivation = "tanh",
    damping: PositiveFloat = 0.1,
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> DissipativeDynamics:
    """Hamilton's equations with friction of each position: the energy is a net, and never grows.

    Args:
        size: length of the state, positions first, then momenta
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer, smooth
        damping: initial friction of each position, force by velocity, in the units of the data
        init_scale: factor on the initial energy
        key: random key of the initial weights
    """
    return DissipativeDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        damping=damping,
        init_scale=init_scale,
        key=key,
    )
