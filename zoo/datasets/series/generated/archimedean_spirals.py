"""Spirals of Archimedes that open anticlockwise, and others that open clockwise."""

from typing import Annotated

import numpy as np

from ....errors import ConfigError
from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, PositiveInt, Range, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from ..places import take_places
from ..shown import EDGE
from .times import Times, observation_times, with_noise

FIRST, LAST = 0.6 * np.pi, 6 * np.pi
"""The angles within which every path lies."""
PITCH, SHIFT = 0.3, 5.0
STEP = LAST / 1000
"""From one time to the next, of 200 equally spaced ones."""


@register_dataset(
    "archimedean_spirals", kind="series", tasks=("forecasting", "trajectory", "classification")
)
def archimedean_spirals(
    *,
    n: Size = 1000,
    length: Size = 200,
    duration: Annotated[float, Range(0, LAST - FIRST, open_low=True)] = 199 * STEP,
    noise: NonNegativeFloat = 0.1,
    times: Times = "irregular",
    observed: PositiveInt | None = None,
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = 100 * STEP,
    seed: Seed = 0,
) -> RawData:
    """Spirals, half of them clockwise, whose second half is to be found (forecasting).

    Of each a piece, from an angle drawn for it: with a the angle, 0.3 a (cos a, sin a) + (5, 0), or
    clockwise, b = 6π + 1 - a, 15 / b (cos b, sin b) - (5, 0); `y` is 1 where it is clockwise. The
    bi-directional spirals of Chen et al. 2018, "Neural Ordinary Differential Equations", section
    5.1, by the equations of the authors' example: 1,000 spirals of 100 equally spaced times
    (times="regular"), of which the model is shown 30, 50 or all, and 100 more that it is to find.
    The paper gives neither the noise (0.1 is the default of the example's function, 0.3 what the
    example sets) nor whether the values to be found have it; here they do.

    Args:
        n: number of series
        length: times of each
        duration: the angle by which it turns, and time up to which it is observed
        noise: standard deviation of what is added to the values
        times: irregular, drawn for each series, or regular, equally spaced
        observed: how many of the times before the horizon are observed, drawn for each series; all
            when not given
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the starts, times and noise
    """
    rng = np.random.default_rng(seed)
    t = observation_times(rng, n, length, duration, times)
    angle = rng.uniform(FIRST, LAST - duration, (n, 1)) + t
    clockwise = np.arange(n) % 2
    x = np.where(clockwise[:, None, None], _inwards(angle), _outwards(angle))
    x = with_noise(rng, x, noise)
    arrays = {"t": t, "x": x, "mask": np.ones(x.shape, bool), "y": clockwise}
    if observed is not None:
        early = t[:, -1:] - t >= (horizon or 0) * (1 - EDGE)
        arrays = take_places(arrays, np.arange(n), _observed(rng, early, observed))
    return series_data(
        arrays,
        ("trajectory", "classification"),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
    )


def _outwards(angle: np.ndarray) -> np.ndarray:
    turn = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return PITCH * angle[..., None] * turn + (SHIFT, 0)


def _inwards(angle: np.ndarray) -> np.ndarray:
    rest = LAST + 1 - angle
    turn = np.stack([np.cos(rest), np.sin(rest)], axis=-1)
    return 50 * PITCH / rest[..., None] * turn - (SHIFT, 0)


def _observed(rng: np.random.Generator, early: np.ndarray, count: int) -> list[np.ndarray]:
    """The places of each series that are observed: of those `early` [N, T] so many, all others."""
    least = int(early.sum(axis=1).min())
    if count > least:
        raise ConfigError(
            f"observed = {count} and a series has {least} times before the horizon: expected at "
            "most that many. Give a larger length or a shorter horizon, or leave observed out."
        )
    order = np.argsort(np.where(early, rng.uniform(size=early.shape), np.inf), axis=1)
    kept = ~early
    np.put_along_axis(kept, order[:, :count], True, axis=1)
    return [np.flatnonzero(each) for each in kept]
