"""Oscillators that come to rest."""

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .times import Times, observation_times, with_noise

DECAY, PUSH, PULL = 0.1, 1.3, 1.0
SPEED = np.sqrt(PUSH * PULL)


@register_dataset("damped_oscillators", kind="series", tasks=("trajectory",))
def damped_oscillators(
    *,
    n: Size = 1000,
    length: Size = 20,
    duration: PositiveFloat = 3.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Linear oscillators that come to rest, at few irregular times (trajectory).

    dy/dt = A y with A = [[-0.1, 1.3], [-1, -0.1]], in closed form, from starts drawn from N(0, 1).
    Those of Diffrax's example of a latent ODE (Kidger 2021, "On Neural Differential Equations"),
    there up to an end that is drawn between 2 and 3 for each series.

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
    x = motion(rng.standard_normal((n, 2)), t)
    return series_data(
        {"t": t, "x": with_noise(rng, x, noise)},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
    )


def motion(y0: np.ndarray, t: np.ndarray) -> np.ndarray:
    """exp(A t) y0 [n, T, 2] of starts [n, 2] at times [n, T]."""
    cos, sin = np.cos(SPEED * t), np.sin(SPEED * t)
    first, second = y0[:, :1], y0[:, 1:]
    turned = [first * cos + second * sin * PUSH / SPEED, second * cos - first * sin * PULL / SPEED]
    return np.exp(-DECAY * t)[..., None] * np.stack(turned, axis=-1)
