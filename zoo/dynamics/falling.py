"""A body that falls freely, and what a floor does to it."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..nn.physical import Bounded, Positive
from ..types import Args
from .base import AbstractBatchDynamics, AbstractDynamics, Time


class Falling(AbstractBatchDynamics):
    """d(height)/dt = velocity, d(velocity)/dt = -gravity, of a state [height, velocity]."""

    gravity: Positive

    def batch(self, t: Time, ys: Float[Array, "B 2"], args: Args) -> Float[Array, "B 2"]:
        """The derivatives of a batch of states; time and `args` are not used."""
        pull = jnp.broadcast_to(-self.gravity.value.astype(ys.dtype), ys.shape[:1])
        return jnp.stack([ys[:, 1], pull], axis=1)


class Elapsed(AbstractBatchDynamics):
    """`dynamics` by the share of a time that each example has of its own, `args` [B].

    A solve from 0 to 1 then ends each example at its own time.
    """

    dynamics: AbstractBatchDynamics

    def batch(
        self, t: Time, ys: Float[Array, "B 2"], args: Float[Array, " B"]
    ) -> Float[Array, "B 2"]:
        """The derivatives of a batch of states by the share."""
        return args[:, None] * self.dynamics.batch(t * args, ys, None)


class Bounce(AbstractDynamics):
    """What a floor makes of a state [height, velocity]: the velocity turned, and less.

    For the `reset` of `zoo.solve.until`, whose arguments are those of a field.
    """

    restitution: Bounded

    def __call__(self, t: Time, y: Float[Array, "2"], args: Args) -> Float[Array, "2"]:
        """The state after the bounce, at height 0."""
        share = self.restitution.value.astype(y.dtype)
        return jnp.stack([jnp.zeros_like(y[0]), -share * y[1]])


class Height(eqx.Module):
    """The height of a state, whose zero is the floor: a `condition` of `zoo.solve.until`."""

    def __call__(self, t: Time, y: Float[Array, "2"], args: Args) -> Float[Array, ""]:
        """The height."""
        return y[0]
