"""The options that all data sets of series share."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from ...errors import ConfigError
from ...schema import PositiveFloat, Range, Seed, resolve
from ..preparation import Origin

Share: TypeAlias = Annotated[float, Range(0, 1, open_high=True)]
SplitBy: TypeAlias = Literal["series", "time"]


@dataclass(frozen=True, kw_only=True)
class SeriesOptions:
    """What is removed of series, what a model is not shown of them, and how they are split.

    Args:
        drop: share of the times that are removed from each series, by chance
        hide: share of the times that the model is not shown and has to find (interpolation)
        horizon: how much of each series' end the model is not shown and has to find (forecasting),
            in the unit of the times
        season: how long a season lasts, in the unit of the times; forecasts are compared with the
            season before
        origin: where time 0 lies, at each series' own start or at one for all
        split_by: whether the parts hold whole series, or windows of each series in order of time,
            for which a horizon is needed
        context: how much a window shows before its horizon, in the unit of the times; three times
            the horizon if not given
        seed: of the times that are dropped and hidden
    """

    drop: Share = 0.0
    hide: Share = 0.0
    horizon: PositiveFloat | None = None
    season: PositiveFloat | None = None
    origin: Origin = "series"
    split_by: SplitBy = "series"
    context: PositiveFloat | None = None
    seed: Seed = 0

    @classmethod
    def checked(cls, **given: object) -> "SeriesOptions":
        """The options, each of its type and in its range.

        Raises `ConfigError` where they are not, and for windows without a horizon.
        """
        made = cls(**resolve(cls, given))
        if made.split_by == "time" and made.horizon is None:
            raise ConfigError(
                "split_by = 'time' and no horizon: windows of a series end with what is to be "
                "forecast, so that one is expected. Give horizon, in the unit of the times, or "
                "split_by = 'series'."
            )
        if made.context is not None and made.split_by != "time":
            raise ConfigError(
                f"context = {made.context:g} and split_by = {made.split_by!r}: a context is that "
                "of windows. Give split_by = 'time' too, or leave it out."
            )
        return made
