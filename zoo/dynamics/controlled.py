"""Dynamics that are driven by a path: dz/ds = f(z) dX/ds, a controlled differential equation."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..controls import Derivative
from ..nn.dense import FeedForward
from .base import Time
from .forced import AbstractForcedDynamics


class ControlledDynamics(AbstractForcedDynamics):
    """dz/ds = f(z) dX/ds, with f(z) a matrix [hidden, channels] for each example.

    Kidger et al. 2020, "Neural Controlled Differential Equations for Irregular Time Series".
    `args` is the derivative of the path, `zoo.controls.Path.derivative`.

    Args:
        field: f of a batch, [B, hidden] to [B, hidden, channels], such as a `MatrixField`.
    """

    field: Callable[[Array], Array]

    def forcing(self, t: Time, args: Derivative) -> Float[Array, "B channels"]:
        """dX/ds of a batch."""
        return args(t)

    def forced(
        self,
        t: Time,
        ys: Float[Array, "B hidden"],
        forcing: Float[Array, "B channels"],
        args: Derivative,
    ) -> Float[Array, "B hidden"]:
        """The derivatives of a batch of states."""
        return jnp.sum(self.field(ys) * forcing[:, None, :], axis=-1)


class MatrixField(eqx.Module):
    """A matrix of each state: a dense net, tanh, and its numbers in rows.

    Without the tanh the state may grow without bounds, as Kidger et al. found.
    """

    net: FeedForward
    channels: int = eqx.field(static=True)

    def __init__(
        self,
        hidden: int,
        channels: int,
        *,
        width: int = 64,
        depth: int = 1,
        activation: Callable[[Array], Array] = jax.nn.softplus,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        self.net = FeedForward(
            hidden,
            hidden * channels,
            width=width,
            depth=depth,
            activation=activation,
            init_scale=init_scale,
            key=key,
        )
        self.channels = channels

    def __call__(self, zs: Float[Array, "B hidden"]) -> Float[Array, "B hidden channels"]:
        """f(z) of a batch of states."""
        return jnp.tanh(self.net(zs)).reshape(*zs.shape, self.channels)
