"""Convection that is chaotic."""

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .exact import solution
from .times import Times, observation_times, with_noise

PRANDTL, RAYLEIGH, ASPECT = 10.0, 28.0, 8 / 3
SETTLED = 10.0
"""After so long a start is on the attractor."""


@register_dataset("lorenz", kind="series", tasks=("trajectory",))
def lorenz(
    *,
    n: Size = 200,
    length: Size = 100,
    duration: PositiveFloat = 2.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Paths on the Lorenz attractor, chaotic: what is near moves apart as exp(0.9 t) (trajectory).

    Lorenz 1963, "Deterministic Nonperiodic Flow": dx/dt = 10 (y - x), dy/dt = x (28 - z) - y,
    dz/dt = x y - 8/3 z, solved to 1e-9 from starts that have settled on the attractor.

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
    begin = rng.normal([0, 0, 25], 5.0, (n, 3))
    settled = solution(convection, begin, np.broadcast_to([0, SETTLED], (n, 2)))[:, -1]
    return series_data(
        {"t": t, "x": with_noise(rng, solution(convection, settled, t), noise)},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
        channel_names=("x", "y", "z"),
    )


def convection(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The derivatives [n, 3] of states [n, 3]."""
    a, b, c = y.T
    return np.stack([PRANDTL * (b - a), a * (RAYLEIGH - c) - b, a * b - ASPECT * c], axis=1)
