"""A running cost made of the dynamics themselves, and of noise that is drawn once for a solve."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray, PyTree

from ..dynamics.base import AbstractBatchDynamics, Dynamics, Time, lift
from ..errors import ConfigError, DynamicsError
from ..regularisers import AbstractRegulariser, draw_noise
from ..types import Args, Keys, State
from .parts import PartOf, places_of, put


class RegularisedField(AbstractBatchDynamics):
    """d(y, cost)/dt = (f, rate), where `regulariser` evaluates f and says the rate.

    Of a state with a part beside that which is charged, the dynamics are evaluated once more for
    the rest, which the regulariser sees nothing of.
    """

    dynamics: Dynamics
    regulariser: AbstractRegulariser = eqx.field(static=True)
    charged: PartOf = eqx.field(static=True)
    """The part of a state that the regulariser is shown, and the field of: the rest stays."""

    def batch(self, t: Time, ys: State, args: Args) -> State:
        """The derivatives of a batch of (states, costs [B]); `args` are (args, noise)."""
        states, costs = ys
        args, noise = args
        dynamics, places = lift(self.dynamics), places_of(self.charged, states)

        def field(t: Time, part: PyTree[Array], args: Args) -> State:
            return self.charged(dynamics(t, put(states, places, part), args))

        part, noise = self.charged(states), jax.lax.stop_gradient(noise)
        slopes, rates = self.regulariser.rates(field, t, part, args, noise)
        self._check(part, slopes, rates, costs)
        whole = len(places) == len(jax.tree.leaves(states))
        derivatives = states if whole else dynamics(t, states, args)
        return put(derivatives, places, slopes), rates.astype(costs.dtype)

    def _check(self, part: Any, slopes: State, rates: Array, costs: Array) -> None:
        shapes = [jax.tree.map(jnp.shape, tree) for tree in (part, slopes)]
        if shapes[0] == shapes[1] and jnp.shape(rates) == costs.shape:
            return
        raise DynamicsError(
            f"The regulariser {type(self.regulariser).__name__} returns derivatives of shape "
            f"{shapes[1]} and rates of shape {jnp.shape(rates)}: expected (dys, rates), what "
            f"field(t, ys, args) gives, of shape {shapes[0]}, and a cost per unit of time for each "
            f"example, of shape {costs.shape}."
        )


def with_noise(
    regulariser: AbstractRegulariser,
    key: PRNGKeyArray | Keys | None,
    args: Args,
    charged: PyTree[Array],
) -> tuple[Args, State | None]:
    """The args of a `RegularisedField`: those of the dynamics, and the noise of each example.

    Raises `ConfigError` where there is no key to draw with.
    """
    if regulariser.draws is None:
        return args, None
    if key is None:
        raise ConfigError(
            f"The regulariser {type(regulariser).__name__} draws ({regulariser.draws}), and there "
            "is no key: give solve(..., key=jax.random.key(0)), a new one in each training step, "
            "and pass on to it the key that model.forward is given."
        )
    return args, draw_noise(regulariser.draws, key, charged)
