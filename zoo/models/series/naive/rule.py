"""What a naive forecast is: a value at every time, and how far such values were off before."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..batch import Series

UNKNOWN = 1.0
"""The deviation where the values shown tell none: that of the training data, standardised."""


class AbstractNaiveRule(eqx.Module):
    """Base of rules that forecast a series from the values that it shows, and learn nothing.

    To write your own, subclass and give `__call__(xs: Series)`: at every time of `xs.t` the mean of
    each channel and its standard deviation, both [B, T, D] in standardised units, the deviation 0
    or more. It follows from how far the same rule was off within the values shown (Hyndman and
    Athanasopoulos 2021, "Forecasting: Principles and Practice", 5.5), and is `UNKNOWN` where they
    are too few. Of a channel of which nothing is shown the mean is 0, that of the training data.
    What `xs.mask` hides must change nothing. `NaiveForecast` makes a model of a rule:

        class Zero(AbstractNaiveRule):
            def __call__(self, xs):
                return jnp.zeros(xs.x.shape), jnp.ones(xs.x.shape)

        model = NaiveForecast(Zero(), channels=2)
    """

    @abc.abstractmethod
    def __call__(self, xs: Series) -> tuple[Float[Array, "B T D"], Float[Array, "B T D"]]:
        """The means and the standard deviations at every time."""


def root_or_unknown(
    squares: Float[Array, "B _ D"], known: Bool[Array, "B _ D"]
) -> Float[Array, "B _ D"]:
    """The deviation of a variance, `UNKNOWN` where there is none."""
    return jnp.where(known, jnp.sqrt(jnp.where(known, squares, 1)), UNKNOWN)
