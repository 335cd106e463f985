"""Motions of a wrist in four activities."""

import dataclasses

from ....registry import register_dataset
from ....schema import PositiveFloat, Seed
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .shipped import LabelledSeries

RATE = 10.0
"""Samples a second."""


@register_dataset("basic_motions", kind="series", tasks=("classification",))
def basic_motions(
    *,
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Standing, walking, running and badminton told apart by a watch (classification).

    BasicMotions of the UEA archive: accelerometer and gyroscope of a smart watch, ten seconds at
    ten samples a second (Bagnall et al. 2018, "The UEA multivariate time series classification
    archive"). The test split is the published one, 40 of 80 series.

    Args:
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting), in seconds
        seed: of the times that are dropped and hidden
    """
    kept = LabelledSeries.read("basic_motions.npz")
    raw = series_data(
        {"t": kept.place / RATE, "x": kept.x, "mask": kept.mask, "y": kept.labels},
        ("classification",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
        channel_names=[f"{meter}_{axis}" for meter in ("acceleration", "turn") for axis in "xyz"],
    )
    return dataclasses.replace(raw, held_out=kept.test)
