"""The value a season before: the seasonal naive forecast."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from ....errors import ConfigError
from ....registry import register_model
from ....tasks.naive import ROUNDED
from ..batch import Series
from ..data_sizes import Period
from .forecast import NaiveForecast
from .last_value import LastValue
from .rule import AbstractNaiveRule, root_or_unknown


class SeasonalNaive(AbstractNaiveRule):
    """The value shown a season before each time; of a time beyond the last value shown, as many
    whole seasons before as reach one that is.

    Of irregular times it is the value nearest to that time within half a season; where there is
    none, `LastValue`. The deviation is the root mean square of the rule's own errors within the
    values shown, times the root of how many seasons lie between.

    Raises `ConfigError` for a period that is not above 0.
    """

    period: float = eqx.field(static=True)
    """How long a season lasts, in the unit of the times."""

    def __check_init__(self) -> None:
        if not self.period > 0:
            raise ConfigError(
                f"A seasonal naive forecast got a season of {self.period:g}: expected one above 0, "
                "of data that say how long it lasts, such as co2. Way out: the data set's option "
                "season (--dataset.season), or the model last_value."
            )

    def __call__(self, xs: Series) -> tuple[Float[Array, "B T D"], Float[Array, "B T D"]]:
        """The means and the standard deviations at every time."""
        over_channels = jax.vmap(self._of_channel, in_axes=(None, 1, 1), out_axes=1)
        t, x, mask = xs.since_start, jnp.asarray(xs.x), jnp.asarray(xs.mask)
        found, mean, variance, known = jax.vmap(over_channels)(t, x, mask)
        otherwise, spread = LastValue()(xs)
        deviation = root_or_unknown(variance, known)
        return jnp.where(found, mean, otherwise), jnp.where(found, deviation, spread)

    def _of_channel(
        self, t: Float[Array, " T"], x: Float[Array, " T"], shown: Bool[Array, " T"]
    ) -> tuple[Bool[Array, " T"], Float[Array, " T"], Float[Array, " T"], Bool[Array, " T"]]:
        """Where there is a value a season before, that value, its variance, and if that is known.

        Of one channel of one series.
        """
        order, count = jnp.argsort(~shown, stable=True), shown.sum()
        there = jnp.arange(len(t)) < count
        times, values = jnp.where(there, t[order], jnp.inf), x[order]
        end = jnp.max(jnp.where(shown, t, 0))
        seasons = jnp.maximum(jnp.ceil((t - end) / self.period - ROUNDED), 1)
        place, found = self._nearest(t - self.period * seasons, times, count)
        earlier, paired = self._nearest(times - self.period, times, count)
        paired &= there
        errors = jnp.where(paired, values - values[earlier], 0)
        pairs = paired.sum()
        variance = seasons * jnp.sum(errors**2) / jnp.maximum(pairs, 1)
        return found, values[place], variance, jnp.broadcast_to(pairs > 0, t.shape)

    def _nearest(
        self, asked: Float[Array, " T"], times: Float[Array, " T"], count: Int[Array, ""]
    ) -> tuple[Int[Array, " T"], Bool[Array, " T"]]:
        """The place of the time nearest to each one asked for, and whether it counts: whether the
        one asked for is not before the first, and within half a season of the nearest.

        The first `count` of `times` ascend; the others are infinite.
        """
        last = jnp.maximum(count - 1, 0)
        after = jnp.clip(jnp.searchsorted(times, asked), 1, jnp.maximum(last, 1))
        before, after = after - 1, jnp.minimum(after, last)
        nearer = jnp.abs(times[after] - asked) < jnp.abs(times[before] - asked)
        place = jnp.where(nearer, after, before)
        near = jnp.abs(times[place] - asked) < self.period / 2
        return place, near & (asked >= times[0] - ROUNDED * self.period)


@register_model("seasonal_naive")
def seasonal_naive(channels: int, *, period: Period = 0.0, key: PRNGKeyArray) -> NaiveForecast:
    """The value of a season before, for data that say how long a season lasts.

    Args:
        channels: of a series
        period: how long a season lasts, in the unit of prepared times
        key: random key, of which nothing is drawn

    Raises `ConfigError` for data without a season.
    """
    return NaiveForecast(SeasonalNaive(float(period)), channels)
