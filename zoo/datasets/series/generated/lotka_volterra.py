"""Predators and prey."""

from dataclasses import replace

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .exact import solution
from .times import Times, observation_times, with_noise

BIRTH, EATEN, FED, DEATH = 2 / 3, 4 / 3, 1.0, 1.0


@register_dataset("lotka_volterra", kind="series", tasks=("trajectory",))
def lotka_volterra(
    *,
    n: Size = 100,
    length: Size = 50,
    duration: PositiveFloat = 10.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Cycles of predators and prey, of unlike size (trajectory).

    Lotka 1925 and Volterra 1926: dx/dt = 2/3 x - 4/3 x y, dy/dt = x y - y. Both start evenly
    between 0.5 and 1.5; a small cycle around (1, 1/2) takes 7.7. Solved to 1e-9.

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
    x = solution(growth, rng.uniform(0.5, 1.5, (n, 2)), t)
    raw = series_data(
        {"t": t, "x": with_noise(rng, x, noise)},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
        channel_names=("prey", "predators"),
    )
    return replace(raw, energy=conserved)


def growth(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The derivatives [n, 2] of prey and predators [n, 2]."""
    prey, predators = y.T
    met = prey * predators
    return np.stack([BIRTH * prey - EATEN * met, FED * met - DEATH * predators], axis=1)


def conserved(x: np.ndarray) -> np.ndarray:
    """x - log x + 4/3 y - 2/3 log y, [...], which no cycle changes; NaN below 0, [..., 2]."""
    prey, predators = np.moveaxis(np.where(x > 0, x, np.nan), -1, 0)
    eaten = EATEN * predators - BIRTH * np.log(predators)
    return np.asarray(FED * prey - DEATH * np.log(prey) + eaten)
