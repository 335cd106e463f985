"""Fields whose solve begins at a time of each example's own; parts that are told apart stay so."""

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ..nn.frozen import Frozen
from ..types import AnyArray, Args, State
from .base import Dynamics, Time
from .driven import ShiftedDynamics
from .semilinear import AbstractSemilinearDynamics
from .separable import (
    AbstractBatchSeparableDynamics,
    AbstractSeparableDynamics,
    forces_of,
    velocities_of,
)

_Begun = tuple[Float[AnyArray, "*B"], Args]
"""When each example begins, and the args of the field itself."""


class ShiftedSeparableDynamics(AbstractBatchSeparableDynamics):
    """`ShiftedDynamics` of separable dynamics, which the symplectic methods still take."""

    dynamics: AbstractSeparableDynamics

    def velocities(self, t: Time, ps: State, args: _Begun) -> State:
        """dq/dt of a batch."""
        start, rest = args
        return velocities_of(self.dynamics)(t + jnp.asarray(start), ps, rest)

    def forces(self, t: Time, qs: State, args: _Begun) -> State:
        """dp/dt of a batch."""
        start, rest = args
        return forces_of(self.dynamics)(t + jnp.asarray(start), qs, rest)


class ShiftedSemilinearDynamics(AbstractSemilinearDynamics):
    """`ShiftedDynamics` of semilinear dynamics, which the exponential methods still take."""

    dynamics: AbstractSemilinearDynamics

    def linear(self, args: _Begun) -> State:
        """The diagonal of the linear part."""
        return self.dynamics.linear(args[1])

    def nonlinear(self, t: Time, y: State, args: _Begun) -> State:
        """The modes of the rest at the example's own time."""
        start, rest = args
        return self.dynamics.nonlinear(t + jnp.asarray(start), y, rest)

    def to_modes(self, y: State) -> State:
        """The state in the basis of the linear part."""
        return self.dynamics.to_modes(y)

    def from_modes(self, modes: PyTree[Array]) -> State:
        """The state of some modes."""
        return self.dynamics.from_modes(modes)


def shifted(dynamics: Dynamics) -> Dynamics:
    """f(t + start, y, args), of args (start, args), with the parts that a method may ask for."""
    whole = dynamics.still if isinstance(dynamics, Frozen) else dynamics
    if isinstance(whole, AbstractSeparableDynamics):
        return ShiftedSeparableDynamics(whole)
    if isinstance(whole, AbstractSemilinearDynamics):
        return ShiftedSemilinearDynamics(whole)
    return ShiftedDynamics(dynamics)
