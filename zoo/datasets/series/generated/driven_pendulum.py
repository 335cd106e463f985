"""A pendulum that is pushed."""

from collections.abc import Callable

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .exact import Field, solution
from .times import Times, observation_times, with_noise

FRICTION = 0.2


@register_dataset("driven_pendulum", kind="series", tasks=("trajectory",))
def driven_pendulum(
    *,
    n: Size = 200,
    length: Size = 60,
    duration: PositiveFloat = 10.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Pendulums with friction that a known torque u(t) drives, the array `inputs` (trajectory).

    The angle q follows q'' = -sin q - 0.2 q' + u(t) with u(t) = a sin(w t + p), where a is drawn
    evenly up to 1, w between 0.5 and 2 and p from a whole turn, for each series its own. It starts
    at rest, up to a right angle away from the lowest point. Solved to 1e-9.

    Args:
        n: number of series
        length: times of each
        duration: time up to which they are observed
        noise: standard deviation of what is added to the values
        times: irregular, drawn for each series, or regular, equally spaced
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the starts, torques, times and noise
    """
    rng = np.random.default_rng(seed)
    t = observation_times(rng, n, length, duration, times)
    angle = rng.uniform(-np.pi / 2, np.pi / 2, n)
    torque = drawn_torque(rng, n)
    x = solution(pendulum(torque), np.stack([angle, np.zeros(n)], axis=1), t)
    return series_data(
        {"t": t, "x": with_noise(rng, x, noise), "inputs": torque(t.T).T[..., None]},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
        channel_names=("angle", "velocity"),
    )


def drawn_torque(rng: np.random.Generator, n: int) -> Callable[[np.ndarray], np.ndarray]:
    """u(t) of n series: a function of times [..., n]."""
    size, speed = rng.uniform(0, 1, n), rng.uniform(0.5, 2, n)
    phase = rng.uniform(0, 2 * np.pi, n)

    def torque(t: np.ndarray) -> np.ndarray:
        return size * np.sin(speed * t + phase)

    return torque


def pendulum(torque: Callable[[np.ndarray], np.ndarray]) -> Field:
    """The field of angles and velocities [n, 2] under a torque."""

    def field(t: np.ndarray, y: np.ndarray) -> np.ndarray:
        angle, velocity = y.T
        return np.stack([velocity, torque(t) - np.sin(angle) - FRICTION * velocity], axis=1)

    return field
