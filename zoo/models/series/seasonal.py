"""What a series was one season before each time, and how it has risen since."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...controls.neighbours import last_observed, taken
from .batch import Series
from .naive.seasonal_naive import SeasonalNaive


def season_before(xs: Series, season: float) -> Float[Array, "B T D"]:
    """The value shown a season before each time, as `SeasonalNaive` forecasts it.

    Args:
        xs: the series.
        season: how long a season lasts, in the unit of their times.
    """
    return SeasonalNaive(season)(xs)[0]


def rise(xs: Series, before: Float[Array, "B T D"]) -> Float[Array, "B T D"]:
    """By how much the last value shown is above the one a season before it, at every time alike.

    `before` is what `season_before` gives. A channel that shows nothing has 0.
    """
    last = last_observed(jnp.asarray(xs.mask))[:, -1:]
    risen = jnp.where(last < 0, 0, taken(jnp.asarray(xs.x) - before, jnp.maximum(last, 0)))
    return jnp.broadcast_to(risen, before.shape)
