"""Dynamics that are a dense net of the state and, unless switched off, of time."""

from collections.abc import Callable

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import Activation, FeedForward, InitScale, activation_by_name, with_time
from ..registry import register_dynamics
from ..schema import Depth, Size
from ..types import Args
from .base import AbstractBatchDynamics, Time


class MLPDynamics(AbstractBatchDynamics):
    """dy/dt = net([y, t]), or net(y) where `time` is off (an autonomous field).

    The state is a vector [size]. As in Chen et al. 2018, "Neural Ordinary Differential Equations".
    """

    net: FeedForward
    time: bool = eqx.field(static=True)

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 2,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        time: bool = True,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        self.net = FeedForward(
            size + time,
            size,
            width=width,
            depth=depth,
            activation=activation,
            init_scale=init_scale,
            key=key,
        )
        self.time = time

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The derivatives of a batch of states; `args` is not used."""
        return self.net(with_time(t, ys) if self.time else ys)


@register_dynamics("mlp")
def mlp_dynamics(
    size: int,
    *,
    width: Size = 64,
    depth: Depth = 2,
    activation: Activation = "gelu",
    time: bool = True,
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> MLPDynamics:
    """A dense net of the state and of time.

    Args:
        size: length of the state
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer
        time: whether the net sees t beside y
        init_scale: factor on the last layer's initial weights and biases
        key: random key of the initial weights
    """
    return MLPDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        time=time,
        init_scale=init_scale,
        key=key,
    )
