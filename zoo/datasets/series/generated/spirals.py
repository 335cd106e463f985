"""Spirals that turn inwards, clockwise or anticlockwise."""

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .times import Times, observation_times, with_noise

DECAY, SPEED = 0.3, 2.0


@register_dataset("spirals", kind="series", tasks=("classification", "trajectory"))
def spirals(
    *,
    n: Size = 256,
    length: Size = 100,
    duration: PositiveFloat = 4 * np.pi,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Spirals from the unit circle inwards, clockwise or not (classification, trajectory).

    dy/dt = A y with A = [[-0.3, 2], [-2, -0.3]], in closed form exp(-0.3 t) and a turn by 2 t; of
    every second series the first channel is mirrored, which is its class. Those of Diffrax's
    example of a neural CDE (Kidger 2021, "On Neural Differential Equations"), there at equally
    spaced times.

    Args:
        n: number of series
        length: times of each
        duration: time up to which they are observed
        noise: standard deviation of what is added to the values
        times: irregular, drawn for each series, or regular, equally spaced
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the starts, times and noise
    """
    rng = np.random.default_rng(seed)
    t = observation_times(rng, n, length, duration, times)
    angle = rng.uniform(0, 2 * np.pi, (n, 1)) - SPEED * t
    mirrored = np.arange(n) % 2
    x = np.exp(-DECAY * t)[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    x[..., 0] *= 1 - 2 * mirrored[:, None]
    return series_data(
        {"t": t, "x": with_noise(rng, x, noise), "y": mirrored},
        ("classification", "trajectory"),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
    )
