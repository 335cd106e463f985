"""A ball that falls and bounces."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .motions import Motion, Sampling, motion_data

GRAVITY, RESTITUTION = 9.81, 0.8
"""In m/s², and the share of its speed that a ball keeps."""


@register_dataset("bouncing_ball", kind="series", tasks=("dynamics", "trajectory"))
def bouncing_ball(
    *,
    n: Size = 50,
    length: Size = 40,
    duration: PositiveFloat = 2.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 100,
    rollout_duration: PositiveFloat = 3.0,
    seed: Seed = 0,
) -> RawData:
    """Balls that fall and bounce, keeping 0.8 of their speed each time (dynamics).

    Height h in metres and velocity: dh/dt = v, dv/dt = -9.81 above the floor at h = 0, where v
    becomes -0.8 v. They are dropped from between 0.5 and 2 m. In closed form, flight by flight.

    Args:
        n: number of paths
        length: times of each
        duration: time up to which they are observed
        noise: standard deviation of what is added to the values
        times: regular, equally spaced, or irregular, drawn for each path
        derivatives: whether the true derivatives are given too, as the array dx
        rollouts: number of further paths, without noise, that are the test split
        rollout_length: times of each of these
        rollout_duration: time up to which these go
        seed: of the starts, times and noise
    """
    sampling = Sampling(
        n=n,
        length=length,
        duration=duration,
        noise=noise,
        times=times,
        derivatives=derivatives,
        rollouts=rollouts,
        rollout_length=rollout_length,
        rollout_duration=rollout_duration,
        seed=seed,
    )
    return motion_data(Motion(motion, starts, ("height", "velocity"), paths=paths), sampling)


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 2] of heights and velocities [N, 2], above the floor."""
    return np.stack([y[:, 1], np.full(len(y), -GRAVITY)], axis=1)


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 2] at rest."""
    return np.stack([rng.uniform(0.5, 2.0, count), np.zeros(count)], axis=1)


def paths(y0: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Heights and velocities [N, T, 2] from states [N, 2] at times [N, T].

    A ball whose flight lasts less than a millionth of the time up to the last one lies still.
    """
    height, speed = y0.T[..., None]
    begin, values = np.zeros((len(y0), 1)), np.zeros((*t.shape, 2))
    flying = np.ones((len(y0), 1), bool)
    while flying.any():
        since = t - begin
        inside = flying & (since >= 0)
        flight = [height + speed * since - GRAVITY / 2 * since**2, speed - GRAVITY * since]
        values = np.where(inside[..., None], np.stack(flight, axis=-1), values)
        landing = np.sqrt(speed**2 + 2 * GRAVITY * height)
        begin = begin + (speed + landing) / GRAVITY
        height, speed = np.zeros_like(height), RESTITUTION * landing
        values = np.where((t >= begin)[..., None], 0.0, values)
        flying = (begin <= t[:, -1:]) & (2 * speed / GRAVITY > 1e-6 * t[:, -1:])
    return values
