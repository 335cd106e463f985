"""Mechanics: states of positions and velocities or momenta, one array whose halves they are."""

import abc
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import ConfigError
from ..types import Args
from .base import AbstractBatchDynamics, Time
from .separable import halves


class AbstractSecondOrderDynamics(AbstractBatchDynamics):
    """dq/dt = v and dv/dt = acceleration(t, q, v, args), of a state [q, v], natively on a batch.

    To write your own, subclass and give `acceleration`, for a batch as `AbstractBatchDynamics`
    says:

        class Falling(zoo.dynamics.AbstractSecondOrderDynamics):
            gravity: zoo.nn.Positive

            def acceleration(self, t, qs, vs, args):
                return -self.gravity.value * jnp.ones_like(qs)

    The first half of the state are positions, the second velocities, in units of one's own that go
    together: data are to be left as they are (`standardise=False`), since velocities divided by
    another number than positions are none.

    Raises `DataError` for a state of an odd length.
    """

    written: ClassVar[str] = "acceleration"

    @abc.abstractmethod
    def acceleration(
        self, t: Time, qs: Float[Array, "B Q"], vs: Float[Array, "B Q"], args: Args
    ) -> Float[Array, "B Q"]:
        """dv/dt of a batch of states."""

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The derivatives of a batch of states."""
        qs, vs = halves(ys)
        return jnp.concatenate([vs, self.acceleration(t, qs, vs, args)], axis=-1)


def half_of(name: str, size: int, second: str) -> int:
    """The number of positions of a state of length `size`; `second` is what its other half holds.

    Raises `ConfigError` for an odd length.
    """
    if size < 2 or size % 2:
        raise ConfigError(
            f"The dynamics {name!r} take a state of positions and {second}, as many of one as of "
            f"the other, and this one has length {size}: expected an even number of channels, "
            "positions first (--model.augment 1 adds one that is not observed)."
        )
    return size // 2
