"""A naive rule as a model, whose bands are calibrated by training."""

from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from ....objectives.by_task import Objectives
from ....objectives.forecasts import FORECAST
from ....objectives.parameters import float_type
from ....precision import cast_floats
from ....solve import Solver
from ....types import AnyKey, Args, Stats
from ..base import AbstractSeriesModel
from ..batch import Series
from ..heads import LEAST_DEVIATION
from .rule import AbstractNaiveRule


class NaiveForecast(AbstractSeriesModel):
    """What a rule says of each series, with one learned number a channel: the width of its band.

    The means are the rule's, before training as after it. So are the deviations at first; training
    multiplies those of a channel by a factor, the one under which what is to be found of the
    training series is most likely. A rule that is off by a trend has too narrow a band until then.

    Args:
        rule: see `AbstractNaiveRule`.
        channels: of the series.
    """

    objectives: ClassVar[Objectives] = FORECAST

    rule: AbstractNaiveRule
    log_factor: Float[Array, " D"]
    """The logarithm of the factor on each channel's deviation."""

    def __init__(self, rule: AbstractNaiveRule, channels: int) -> None:
        self.rule = rule
        self.log_factor = jnp.zeros(channels)

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B T D 2"], Stats]:
        """As `AbstractSeriesModel`; each example costs one evaluation."""
        xs = cast_floats(xs, float_type(self))
        mean, deviation = self.rule(xs)
        deviation = LEAST_DEVIATION + jnp.exp(self.log_factor) * deviation
        return jnp.stack([mean, deviation], axis=-1), Stats.discrete(xs.t.shape[0], 1)
