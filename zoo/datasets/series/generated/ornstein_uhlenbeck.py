"""Paths of the Ornstein-Uhlenbeck process, drawn from its exact law."""

from typing import Annotated

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Range, Seed, Size
from ....tasks import PathLaw
from ...raw import RawData
from .even_times import even_times, on_grid

Length = Annotated[int, Range(2)]


@register_dataset("ornstein_uhlenbeck", kind="paths", tasks=("paths",))
def ornstein_uhlenbeck(
    *,
    n: Size = 5000,
    length: Length = 65,
    duration: PositiveFloat = 4.0,
    rate: PositiveFloat = 1.0,
    level: float = 0.0,
    diffusion: PositiveFloat = 0.5,
    start: float = 1.0,
    start_sd: NonNegativeFloat = 0.2,
    seed: Seed = 0,
) -> RawData:
    """Ornstein-Uhlenbeck paths, which fall back to a level, of exactly known law (paths).

    dX = rate (level - X) dt + diffusion dW, X(0) ~ N(start, start_sd²) (Uhlenbeck and Ornstein
    1930, "On the theory of the Brownian motion"). Each value is drawn from its exact Gaussian law
    given the one before, so that the steps between two times do not matter.

    Args:
        n: number of paths
        length: times of each, equally far apart
        duration: time up to which they are observed
        rate: how fast a path falls back
        level: to which it falls
        diffusion: size of the noise
        start: mean of the first value
        start_sd: standard deviation of the first value
        seed: of the paths
    """
    rng = np.random.default_rng(seed)
    t = even_times(length, duration)
    kept = np.exp(-rate * np.diff(t))
    noise = diffusion * np.sqrt(-np.expm1(-2 * rate * np.diff(t)) / (2 * rate))
    x = np.empty((n, length))
    x[:, 0] = start + start_sd * rng.standard_normal(n)
    for place in range(length - 1):
        fallen = level + kept[place] * (x[:, place] - level)
        x[:, place + 1] = fallen + noise[place] * rng.standard_normal(n)
    covariance = autocovariance(t, t, rate, diffusion, start_sd)
    law = PathLaw(
        mean(t, rate, level, start)[:, None],
        np.sqrt(np.diag(covariance))[:, None],
        covariance[..., None],
    )
    return RawData(on_grid(t, x), ("paths",), kind="paths", law=law)


def mean(t: np.ndarray, rate: float, level: float, start: float) -> np.ndarray:
    """E X(t), of the shape of t."""
    return level + (start - level) * np.exp(-rate * t)


def autocovariance(
    s: np.ndarray, t: np.ndarray, rate: float, diffusion: float, start_sd: float
) -> np.ndarray:
    """Cov(X(s), X(t)) for times s [S] and t [T], [S, T].

    e^{-rate (s + t)} start_sd² + diffusion² (e^{-rate |s - t|} - e^{-rate (s + t)}) / (2 rate).
    """
    apart = np.exp(-rate * np.abs(s[:, None] - t[None]))
    together = np.exp(-rate * (s[:, None] + t[None]))
    return start_sd**2 * together + diffusion**2 / (2 * rate) * (apart - together)
