"""Utterances of two vowels by nine speakers."""

import dataclasses

from ....registry import register_dataset
from ....schema import PositiveFloat, Seed
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .shipped import LabelledSeries


@register_dataset("japanese_vowels", kind="series", tasks=("classification",))
def japanese_vowels(
    *,
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Nine speakers told apart by how they say two vowels, 7 to 29 times long (classification).

    JapaneseVowels of the UCI and UEA archives: 12 LPC cepstrum coefficients a time frame (Kudo,
    Toyama and Shimbo 1999, "Multidimensional Curve Classification Using Passing-Through Regions").
    The test split is the published one, 370 of 640 utterances; time counts frames.

    Args:
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting), in frames
        seed: of the times that are dropped and hidden
    """
    kept = LabelledSeries.read("japanese_vowels.npz")
    raw = series_data(
        {"t": kept.place.astype(float), "x": kept.x, "mask": kept.mask, "y": kept.labels},
        ("classification",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
        channel_names=[f"lpc_{i}" for i in range(1, 13)],
    )
    return dataclasses.replace(raw, held_out=kept.test)
