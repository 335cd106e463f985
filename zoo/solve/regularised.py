"""A running cost that rides along with a solve."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ..dynamics.base import AbstractBatchDynamics, Dynamics, Time, lift
from ..errors import DynamicsError
from ..precision import at_least_float32
from ..regularisers import Rate
from ..types import Args, State
from .parts import PartOf


class Regularised(AbstractBatchDynamics):
    """d(y, cost)/dt = (f, rate): `dynamics` and, beside them, what a regulariser charges."""

    dynamics: Dynamics
    regulariser: Rate = eqx.field(static=True)
    charged: PartOf = eqx.field(static=True)
    """The part of a state, and of its derivative, that the regulariser is shown."""

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of (states, costs [B])."""
        states, costs = ys
        derivatives = lift(self.dynamics)(t, states, args)
        t_axis = 0 if jnp.ndim(t) == 1 else None
        axes = (t_axis, eqx.if_array(0), eqx.if_array(0), eqx.if_array(0))
        if isinstance(self.dynamics, AbstractBatchDynamics):
            args = self.dynamics.charged_args(args)
        shown = self.charged(states), self.charged(derivatives)
        rates = eqx.filter_vmap(self.regulariser, in_axes=axes)(t, *shown, args)
        if jnp.shape(rates) != costs.shape:
            name = getattr(self.regulariser, "__name__", self.regulariser)
            raise DynamicsError(
                f"The regulariser {name} returns shape {jnp.shape(rates)[1:]} for an example: "
                "expected a scalar, its cost per unit of time."
            )
        return derivatives, rates.astype(costs.dtype)


@dataclass(frozen=True)
class OfState:
    """`part` of a state beside which a cost rides along; equal where `part` is, for the caches."""

    part: PartOf

    def __call__(self, states_and_costs: tuple[State, Array]) -> State:
        """What `part` takes of the states."""
        return self.part(states_and_costs[0])


def with_cost(y0: State) -> State:
    """An initial state with a cost of zero beside it."""
    leaf = jax.tree.leaves(y0)[0]
    return y0, jnp.zeros(leaf.shape[:1], at_least_float32(leaf.dtype))
