"""The mean of what a series shows."""

import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ....registry import register_model
from ..batch import Series
from .forecast import NaiveForecast
from .rule import AbstractNaiveRule, root_or_unknown


class MeanValue(AbstractNaiveRule):
    """The mean of the values shown of a series, at every time.

    The deviation is theirs, with that of their mean: s √(1 + 1/n) of n values.
    """

    def __call__(self, xs: Series) -> tuple[Float[Array, "B T D"], Float[Array, "B T D"]]:
        """The means and the standard deviations at every time."""
        x, mask = jnp.asarray(xs.x), jnp.asarray(xs.mask)
        count = mask.sum(axis=1, keepdims=True).astype(x.dtype)
        some = jnp.maximum(count, 1)
        mean = x.sum(axis=1, keepdims=True) / some
        squares = jnp.sum(jnp.where(mask, x - mean, 0) ** 2, axis=1, keepdims=True)
        variance = squares / jnp.maximum(count - 1, 1) * (1 + 1 / some)
        deviation = root_or_unknown(variance, count > 1)
        return jnp.broadcast_to(mean, x.shape), jnp.broadcast_to(deviation, x.shape)


@register_model("mean_value")
def mean_value(channels: int, *, key: PRNGKeyArray) -> NaiveForecast:
    """The mean of the values that a series shows, and how far they scatter.

    Args:
        channels: of a series
        key: random key, of which nothing is drawn
    """
    return NaiveForecast(MeanValue(), channels)
