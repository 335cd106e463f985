"""Entries of a state that grow or decay, each by itself: the simplest law to be known."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import ConfigError
from ..nn.dense import InitScale
from ..registry import register_dynamics
from ..types import Args
from .base import AbstractBatchDynamics, Time


class GrowthDynamics(AbstractBatchDynamics):
    """dy_i/dt = rate_i y_i: growth where a rate is above 0, decay below.

    The state is a vector [size] of amounts in units of their own (`standardise=False`).
    """

    rate: Float[Array, " size"]
    """In one over the unit of time."""

    def batch(self, t: Time, ys: Float[Array, "B size"], args: Args) -> Float[Array, "B size"]:
        """The derivatives of a batch of states; time and `args` are not used."""
        return self.rate * ys

    def physical_values(self) -> dict[str, Array]:
        """The rates."""
        return {"rate": self.rate}


@register_dynamics("growth")
def growth_dynamics(
    size: int,
    *,
    rates: list[float | int] | None = None,
    init_scale: InitScale = 0.1,
    key: PRNGKeyArray,
) -> GrowthDynamics:
    """Entries that grow or decay, each at a rate of its own.

    Raises `ConfigError` for rates that are not finite, or not as many as the state has entries.

    Args:
        size: length of the state
        rates: of each entry, in one over the unit of time; drawn if not given
        init_scale: deviation of the rates that are drawn
        key: random key of the rates that are drawn
    """
    if rates is not None and (len(rates) != size or not all(map(math.isfinite, rates))):
        raise ConfigError(
            f"rates = {rates} for a state of length {size}: expected a finite number for each "
            "entry, 0 for one that neither grows nor decays."
        )
    drawn = init_scale * jax.random.normal(key, (size,))
    return GrowthDynamics(drawn if rates is None else jnp.asarray(rates, float))
