"""Hamilton's equations of an energy that is a net."""

import abc
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import InitScale, activation_by_name
from ..registry import register_dynamics
from ..schema import Depth, Size
from ..types import Args
from .base import AbstractBatchDynamics, Time
from .mechanical import half_of
from .scalar_net import ScalarNet, SmoothActivation, batch_gradient
from .separable import AbstractBatchSeparableDynamics, halves


class AbstractHamiltonianDynamics(AbstractBatchDynamics):
    """dq/dt = ∂H/∂p and dp/dt = -∂H/∂q, of a state [q, p], natively on a batch.

    Greydanus et al. 2019, "Hamiltonian Neural Networks". To write your own, subclass and give
    `energy`, H of a batch; no more is needed. It does not depend on time, so that solutions keep
    it. Positions and momenta are to be in units that go together (`standardise=False`).
    """

    @abc.abstractmethod
    def energy(self, ys: Float[Array, "B D"]) -> Float[Array, " B"]:
        """H of each state of a batch."""

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The derivatives of a batch of states; time and `args` are not used."""
        by_q, by_p = halves(batch_gradient(self.energy, ys))
        return jnp.concatenate([by_p, -by_q], axis=-1)


class HamiltonianDynamics(AbstractHamiltonianDynamics):
    """H(q, p) is one net, of any form: motion in which q and p do not come apart."""

    hamiltonian: ScalarNet

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        half_of("hamiltonian", size, "momenta")
        self.hamiltonian = ScalarNet(
            size, width=width, depth=depth, activation=activation, init_scale=init_scale, key=key
        )

    def energy(self, ys: Float[Array, "B D"]) -> Float[Array, " B"]:
        """H of each state of a batch."""
        return self.hamiltonian(ys)


class SeparableHamiltonianDynamics(AbstractBatchSeparableDynamics, AbstractHamiltonianDynamics):
    """H = T(p) + V(q), a net each, so that the symplectic methods take it (`zoo.solve.Leapfrog`).

    Chen et al. 2020, "Symplectic Recurrent Neural Networks".
    """

    kinetic: ScalarNet
    potential: ScalarNet

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        half = half_of("hamiltonian", size, "momenta")
        self.kinetic, self.potential = (
            ScalarNet(
                half,
                width=width,
                depth=depth,
                activation=activation,
                init_scale=init_scale,
                key=each,
            )
            for each in jax.random.split(key)
        )

    def energy(self, ys: Float[Array, "B D"]) -> Float[Array, " B"]:
        """H of each state of a batch."""
        qs, ps = halves(ys)
        return self.kinetic(ps) + self.potential(qs)

    def velocities(self, t: Time, ps: Float[Array, "B Q"], args: Args) -> Float[Array, "B Q"]:
        """dq/dt = ∂T/∂p."""
        return batch_gradient(self.kinetic, ps)

    def forces(self, t: Time, qs: Float[Array, "B Q"], args: Args) -> Float[Array, "B Q"]:
        """dp/dt = -∂V/∂q."""
        return -batch_gradient(self.potential, qs)


@register_dynamics("hamiltonian")
def hamiltonian_dynamics(
    size: int,
    *,
    separable: bool = True,
    width: Size = 64,
    depth: Depth = 2,
    activation: SmoothActivation = "tanh",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> AbstractHamiltonianDynamics:
    """Hamilton's equations of positions and momenta, whose energy is a net: it is kept.

    Args:
        size: length of the state, positions first
        separable: whether the energy is a net of the momenta plus one of the positions, for which
            there are symplectic methods, or one net of both
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer, smooth
        init_scale: factor on the initial energy
        key: random key of the initial weights
    """
    kind = SeparableHamiltonianDynamics if separable else HamiltonianDynamics
    return kind(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
