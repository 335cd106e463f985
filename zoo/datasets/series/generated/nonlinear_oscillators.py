"""Oscillators that neither grow nor come to rest, and turn slower the larger they are."""

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .exact import solution
from .times import Times, observation_times, with_noise


@register_dataset("nonlinear_oscillators", kind="series", tasks=("trajectory",))
def nonlinear_oscillators(
    *,
    n: Size = 256,
    length: Size = 100,
    duration: PositiveFloat = 10.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Closed orbits of a nonlinear field, from drawn starts (trajectory).

    dy/dt = (x2, -x1) with x = y / (1 + y) in each of two channels, from starts drawn evenly between
    -0.6 and 1. Solved to 1e-9. The toy set of Diffrax's example of a neural ODE (Kidger 2021, "On
    Neural Differential Equations"), there at equally spaced times: times="regular".

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
    x = solution(orbit, rng.uniform(-0.6, 1.0, (n, 2)), t)
    return series_data(
        {"t": t, "x": with_noise(rng, x, noise)},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
    )


def orbit(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The derivatives [n, 2] of states [n, 2]."""
    first, second = (y / (1 + y)).T
    return np.stack([second, -first], axis=1)
