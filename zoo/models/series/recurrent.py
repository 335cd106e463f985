"""Recurrent nets of series, the discrete baselines: of values and mask, and of the gaps too."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ...controls import since_observed
from ...nn import GRU
from ...objectives.by_task import Objectives
from ...objectives.forecasts import FORECAST
from ...objectives.losses import PREDICTION
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...registry import register_model
from ...schema import PositiveFloat, Size
from ...solve import Solver
from ...types import AnyKey, Args, Stats
from .base import AbstractSeriesModel
from .batch import Series
from .data_sizes import Inputs, PathSize, Statics
from .features import known_at, observed_at, side_by_side, updates, values_at
from .frame import Frame, frame_for, framed_by, known_size
from .heads import head_for


class RecurrentNet(AbstractSeriesModel):
    """A GRU that takes in values and mask of each time at which anything was observed, and a head.

    With `gaps` it is told how long ago each channel was observed last, the feature of Che et al.
    2018, "Recurrent Neural Networks for Multivariate Time Series with Missing Values": as
    log(1 + n) of n times the mean gap between two times. What was not observed is 0, the mean.

    Args:
        gru: the recurrent net.
        head: maps states of any leading axes to outputs.
        length: times of a series in the data, whose longest lasts 1: the mean gap is 1 / length.
        gaps: whether the time since the last observation is seen.
        every_time: whether the head is read at every time, before its values are taken in, of the
            state, the gaps, a known input u(t) and static numbers; else after the last one.
        frame: what else is told of each time, and what paths are added to, see `Frame`.
    """

    objectives: ClassVar[Objectives] = PREDICTION | FORECAST

    gru: GRU
    head: Callable[[Array], Array]
    length: int = eqx.field(static=True)
    gaps: bool = eqx.field(static=True)
    every_time: bool = eqx.field(static=True)
    frame: Frame | None = None

    def forward(
        self,
        xs: Series,
        *,
        args: Args = None,
        solver: Solver | None = None,
        key: AnyKey | None = None,
    ) -> tuple[Float[Array, "B ..."], Stats]:
        """As `AbstractSeriesModel`; the cost is the number of times at which anything was seen."""
        framed = framed_by(self.frame, cast_floats(xs, float_type(self)))
        xs = framed.xs
        known = [*known_at(xs), *framed.known]
        if self.gaps:
            known.append(jnp.log1p(self.length * since_observed(xs.since_start, xs.mask)))
        features = side_by_side(*values_at(xs), *known)
        before, last = self.gru.states(features, observed_at(xs))
        if self.every_time:
            return framed.paths(self.head(side_by_side(before, *known))), updates(xs)
        return self.head(last), updates(xs)

    def head_part(self) -> object:
        """The head."""
        return self.head

    def repeated_parts(self, nfe: Sequence[float]) -> Sequence[tuple[PyTree, float]] | None:
        """The net, once a time at which anything was seen; not known with a head at every time."""
        return None if self.every_time else [(self.gru, nfe[0])]


def recurrent_net(
    length: int,
    channels: int,
    out_size: int,
    known: int,
    path_size: int,
    *,
    gaps: bool,
    hidden: int,
    frame: Frame | None,
    key: PRNGKeyArray,
) -> RecurrentNet:
    """A `RecurrentNet` that is given `known` numbers of each time beside its values and gaps, and
    what the `frame` tells."""
    known += (channels if gaps else 0) + known_size(frame, channels)
    first, last = jax.random.split(key)
    return RecurrentNet(
        GRU(2 * channels + known, hidden, key=first),
        head_for(hidden, out_size, path_size, known, key=last),
        length=length,
        gaps=gaps,
        every_time=path_size > 0,
        frame=frame,
    )


@register_model("gru")
def gru(
    length: int,
    channels: int,
    out_size: int,
    *,
    static: Statics = 0,
    inputs: Inputs = 0,
    path_size: PathSize = 0,
    hidden: Size = 64,
    season: PositiveFloat | None = None,
    own_scale: bool | None = None,
    key: PRNGKeyArray,
) -> RecurrentNet:
    """A gated recurrent unit that sees values and mask, and not the times.

    Args:
        length: times of a series in the data; others of any length are taken
        channels: of a series
        out_size: length of an output
        static: numbers that a series has but once
        inputs: numbers of a known input u(t)
        path_size: channels that are asked for at every time; 0 for one output a series
        hidden: length of the state; by it models of equal size are made
        season: how long a season lasts, as a share of the longest training series; the net is
            then told the value of a season before, to which it adds; None for no season
        own_scale: whether each series is seen by the mean and deviation of what it shows
        key: random key of the initial weights
    """
    known = static + inputs
    frame = frame_for(season, own_scale)
    return recurrent_net(
        length,
        channels,
        out_size,
        known,
        path_size,
        gaps=False,
        hidden=hidden,
        frame=frame,
        key=key,
    )


@register_model("gru_dt")
def gru_dt(
    length: int,
    channels: int,
    out_size: int,
    *,
    static: Statics = 0,
    inputs: Inputs = 0,
    path_size: PathSize = 0,
    hidden: Size = 64,
    season: PositiveFloat | None = None,
    own_scale: bool | None = None,
    key: PRNGKeyArray,
) -> RecurrentNet:
    """A gated recurrent unit that sees values, mask, and how long ago each channel was observed.

    Args:
        length: times of a series in the data; others of any length are taken
        channels: of a series
        out_size: length of an output
        static: numbers that a series has but once
        inputs: numbers of a known input u(t)
        path_size: channels that are asked for at every time; 0 for one output a series
        hidden: length of the state; by it models of equal size are made
        season: how long a season lasts, as a share of the longest training series; the net is
            then told the value of a season before, to which it adds; None for no season
        own_scale: whether each series is seen by the mean and deviation of what it shows
        key: random key of the initial weights
    """
    known = static + inputs
    frame = frame_for(season, own_scale)
    return recurrent_net(
        length, channels, out_size, known, path_size, gaps=True, hidden=hidden, frame=frame, key=key
    )
