"""Spots on the sun, year by year."""

import numpy as np

from ....registry import register_dataset
from ....schema import PositiveFloat, Seed
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .shipped import read_columns


@register_dataset("sunspots", kind="series", tasks=("forecasting",))
def sunspots(
    *,
    horizon: PositiveFloat = 11.0,
    context: PositiveFloat = 44.0,
    drop: Share = 0.0,
    hide: Share = 0.0,
    seed: Seed = 0,
) -> RawData:
    """Mean number of sunspots a year from 1700 to 2008, in cycles of about 11 (forecasting).

    The yearly relative numbers of the National Geophysical Data Center. The season is told as 11
    years, which the cycles take on average and not each. Time is in years; the split's parts are
    windows in order of time.

    Args:
        horizon: how much of a window's end the model is not shown, in years
        context: how much a window shows before that, in years
        drop: share of the years that are removed
        hide: share of the years of a context that the model is not shown either (interpolation)
        seed: of the years that are dropped and hidden
    """
    columns = {name: np.array(cells, float) for name, cells in read_columns("sunspots.csv").items()}
    return series_data(
        {"t": columns["YEAR"][None], "x": columns["SUNACTIVITY"][None, :, None]},
        ("forecasting",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        context=context,
        split_by="time",
        season=11.0,
        seed=seed,
        channel_names=("sunspots",),
    )
