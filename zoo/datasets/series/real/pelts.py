"""Furs of lynx and hare, year by year."""

import numpy as np

from ....registry import register_dataset
from ....schema import PositiveFloat, Seed
from ...raw import RawData
from ..build import series_data
from ..options import Share, SplitBy
from .shipped import read_columns


@register_dataset("pelts", kind="series", tasks=("forecasting", "trajectory"))
def pelts(
    *,
    horizon: PositiveFloat = 4.0,
    context: PositiveFloat = 4.0,
    split_by: SplitBy = "time",
    drop: Share = 0.0,
    hide: Share = 0.0,
    seed: Seed = 0,
) -> RawData:
    """Pelts of lynx and hare bought at Hudson Bay, 1900 to 1920, in thousands (forecasting).

    Howard 2009, "Modeling Basics", from the records of the Hudson's Bay Company; the cycles of
    predators and prey that the equations of Lotka and Volterra were compared with. Time is in
    years. By default the split's parts are windows in order of time. `split_by="series"` with
    `split="all"` is the whole series in every part, of which the model is not shown the last
    `horizon`: horizon=5 for the years 1916 to 1920.

    Args:
        horizon: how much of the end the model is not shown, in years
        context: how much a window shows before that, in years
        split_by: whether the parts are windows in order of time, or the whole series
        drop: share of the years that are removed
        hide: share of the years before the horizon that the model is not shown (interpolation)
        seed: of the years that are dropped and hidden
    """
    columns = {name: np.array(cells, float) for name, cells in read_columns("pelts.csv").items()}
    names = ("lynx", "hare")
    x = np.stack([columns[name] for name in names], axis=1)
    return series_data(
        {"t": columns["year"][None], "x": x[None]},
        ("forecasting", "trajectory"),
        drop=drop,
        hide=hide,
        horizon=horizon,
        context=context if split_by == "time" else None,
        split_by=split_by,
        seed=seed,
        channel_names=names,
    )
