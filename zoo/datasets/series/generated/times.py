"""When a made-up series is observed."""

from typing import Literal, TypeAlias

import numpy as np

Times: TypeAlias = Literal["irregular", "regular"]
TICKS = 100
"""Irregular times lie on so many ticks a time, so that no two are too near for float32."""


def observation_times(
    rng: np.random.Generator, n: int, length: int, duration: float, times: Times
) -> np.ndarray:
    """Times [n, length] from 0 on, of each series its own.

    Args:
        rng: what is drawn with.
        n: number of series.
        length: times of each.
        duration: the end.
        times: `regular`, equally far apart up to the end; or `irregular`: the first is 0, and the
            others are drawn evenly up to the end, so that each series ends at its own last one.
    """
    if times == "regular":
        return np.broadcast_to(np.linspace(0.0, duration, length), (n, length))
    ticks = TICKS * length
    drawn = [rng.choice(ticks, length - 1, replace=False) + 1 for _ in range(n)]
    later = duration * np.sort(np.array(drawn, float).reshape(n, length - 1), axis=1) / ticks
    return np.concatenate([np.zeros((n, 1)), later], axis=1)


def with_noise(rng: np.random.Generator, x: np.ndarray, noise: float) -> np.ndarray:
    """The values with Gaussian noise of a standard deviation `noise`, in their unit."""
    return x + noise * rng.standard_normal(x.shape)
