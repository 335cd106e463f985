"""Dynamics of positions and velocities, whose acceleration is a dense net."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import Activation, FeedForward, InitScale, activation_by_name, with_time
from ..registry import register_dynamics
from ..schema import Depth, Size
from ..types import Args
from .base import Time
from .mechanical import AbstractSecondOrderDynamics, half_of


class SecondOrderDynamics(AbstractSecondOrderDynamics):
    """dq/dt = v, dv/dt = net([q, v]), or net([q, v, t]) where `time` is on.

    Norcliffe et al. 2020, "On Second Order Behaviour in Augmented Neural ODEs". The state is a
    vector [size], positions first.
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
        time: bool = False,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        self.net = FeedForward(
            size + time,
            half_of("second_order", size, "velocities"),
            width=width,
            depth=depth,
            activation=activation,
            init_scale=init_scale,
            key=key,
        )
        self.time = time

    def acceleration(
        self, t: Time, qs: Float[Array, "B Q"], vs: Float[Array, "B Q"], args: Args
    ) -> Float[Array, "B Q"]:
        """dv/dt of a batch of states; `args` is not used."""
        ys = jnp.concatenate([qs, vs], axis=-1)
        return self.net(with_time(t, ys) if self.time else ys)


@register_dynamics("second_order")
def second_order_dynamics(
    size: int,
    *,
    width: Size = 64,
    depth: Depth = 2,
    activation: Activation = "tanh",
    time: bool = False,
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> SecondOrderDynamics:
    """Positions and velocities, whose acceleration is a dense net of both.

    Args:
        size: length of the state, positions first
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer
        time: whether the net sees t beside the state
        init_scale: factor on the net's initial output
        key: random key of the initial weights
    """
    return SecondOrderDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        time=time,
        init_scale=init_scale,
        key=key,
    )
