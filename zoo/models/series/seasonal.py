"""What a series was one season before each time: the seasonal naive forecast, on the device."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ...controls.neighbours import filled, last_observed, next_observed, taken
from .batch import Series

_ROUNDED = 1e-3
"""The share of a season by which rounded times may miss a whole number of seasons."""


def season_before(xs: Series, season: float) -> Float[Array, "B T D"]:
    """The value shown a season before each time, as `zoo.tasks.naive.seasonal` says.

    Beyond the last value shown, as many whole seasons before as reach one that is. Of irregular
    times it is the nearest within half a season; where there is none, or that time lies before the
    first value shown, the last value shown up to the time. A channel that shows nothing is 0.

    Args:
        xs: the series.
        season: how long a season lasts, in the unit of their times.
    """
    x, t, mask = jnp.asarray(xs.x), jnp.asarray(xs.t)[..., None], jnp.asarray(xs.mask)
    first = jnp.where(mask, t, jnp.inf).min(axis=1, keepdims=True)
    last = jnp.where(mask, t, -jnp.inf).max(axis=1, keepdims=True)
    seasons = jnp.ceil((t - last) / season - _ROUNDED)
    asked = t - season * jnp.maximum(jnp.where(jnp.isfinite(seasons), seasons, 1), 1)
    place, distance = _nearest(xs, asked)
    near = (distance < season / 2) & (asked >= first - _ROUNDED * season)
    return jnp.where(near, taken(x, place), filled(x, mask))


def rise(xs: Series, before: Float[Array, "B T D"]) -> Float[Array, "B T D"]:
    """By how much the last value shown is above the one a season before it, at every time alike.

    `before` is what `season_before` gives. A channel that shows nothing has 0.
    """
    last = last_observed(jnp.asarray(xs.mask))[:, -1:]
    risen = jnp.where(last < 0, 0, taken(jnp.asarray(xs.x) - before, jnp.maximum(last, 0)))
    return jnp.broadcast_to(risen, before.shape)


def _nearest(
    xs: Series, asked: Float[Array, "B T D"]
) -> tuple[Int[Array, "B T D"], Float[Array, "B T D"]]:
    """The place of the value shown nearest to each time asked for, and how far it is."""
    t, mask = jnp.asarray(xs.t), jnp.asarray(xs.mask)
    length = t.shape[1]
    after = jax.vmap(lambda times, each: jnp.searchsorted(times, each, side="right"))(t, asked)
    left = jnp.take_along_axis(last_observed(mask), jnp.maximum(after - 1, 0), axis=1)
    left = jnp.where(after > 0, left, -1)
    right = jnp.take_along_axis(next_observed(mask), jnp.minimum(after, length - 1), axis=1)
    right = jnp.where(after < length, right, length)
    back = jnp.where(left < 0, jnp.inf, asked - taken(t, jnp.maximum(left, 0)))
    ahead = jnp.where(right == length, jnp.inf, taken(t, jnp.minimum(right, length - 1)) - asked)
    place = jnp.where(ahead < back, right, left)
    return jnp.clip(place, 0, length - 1), jnp.minimum(back, ahead)
