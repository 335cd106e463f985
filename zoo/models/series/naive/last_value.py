"""The last value shown: the naive forecast."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ....controls.neighbours import last_observed
from ....registry import register_model
from ..batch import Series
from .forecast import NaiveForecast
from .rule import AbstractNaiveRule, root_or_unknown


class LastValue(AbstractNaiveRule):
    """The last value shown up to each time; before the first one, that one.

    The deviation is that of a random walk, which grows as the root of the time since the value. Its
    variance in a unit of time is the sum of the squared steps between the values shown, over the
    time that they took.
    """

    def __call__(self, xs: Series) -> tuple[Float[Array, "B T D"], Float[Array, "B T D"]]:
        """The means and the standard deviations at every time."""
        times = jnp.broadcast_to(xs.since_start[..., None], xs.x.shape)
        last = last_observed(jnp.asarray(xs.mask))
        first = jnp.argmax(jnp.asarray(xs.mask), axis=1)[:, None]
        place = jnp.where(last < 0, first, last)
        elapsed = jnp.abs(times - jnp.take_along_axis(times, place, axis=1))
        known, variance = _variance_in_time(xs, times, last)
        deviation = root_or_unknown(variance * elapsed, jnp.broadcast_to(known, times.shape))
        return jnp.take_along_axis(jnp.asarray(xs.x), place, axis=1), deviation


def _variance_in_time(
    xs: Series, times: Float[Array, "B T D"], last: Int[Array, "B T D"]
) -> tuple[Array, Float[Array, "B 1 D"]]:
    """Whether there are two values shown of each channel, and the variance in a unit of time."""
    before = jnp.pad(last, ((0, 0), (1, 0), (0, 0)), constant_values=-1)[:, :-1]
    pair = xs.mask & (before >= 0)

    def steps(values: Float[Array, "B T D"]) -> Float[Array, "B T D"]:
        return jnp.where(pair, values - jnp.take_along_axis(values, before, axis=1), 0)

    taken = steps(times).sum(axis=1, keepdims=True)
    squares = jnp.sum(steps(jnp.asarray(xs.x)) ** 2, axis=1, keepdims=True)
    return taken > 0, squares / jnp.where(taken > 0, taken, 1)


@register_model("last_value")
def last_value(channels: int, *, key: PRNGKeyArray) -> NaiveForecast:
    """The last value shown, in a band that grows as that of a random walk: the naive forecast.

    Args:
        channels: of a series
        key: random key, of which nothing is drawn
    """
    return NaiveForecast(LastValue(), channels)
