"""Two pendulums, one hanging on the other."""

from functools import partial

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .motions import Motion, Sampling, motion_data

GRAVITY = 9.81


@register_dataset("double_pendulum", kind="series", tasks=("dynamics", "trajectory"))
def double_pendulum(
    *,
    swing: PositiveFloat = 1.0,
    momenta: bool = False,
    n: Size = 50,
    length: Size = 60,
    duration: PositiveFloat = 3.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 200,
    rollout_duration: PositiveFloat = 10.0,
    seed: Seed = 0,
) -> RawData:
    """Double pendulums of unit lengths and masses (dynamics).

    The state holds both angles from the vertical and both angular velocities, or with `momenta`
    the momenta that belong to the angles. They start at rest, each angle up to `swing`: small ones
    are quasi-periodic, large ones chaotic (Shinbrot et al. 1992). Solved to 1e-11.

    Args:
        swing: largest angle of a start
        momenta: whether the state holds momenta in the place of velocities
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
    begin = partial(starts, swing=swing)
    shown = Motion(motion, begin, ("angle_1", "angle_2", "velocity_1", "velocity_2"), energy)
    if momenta:
        names = ("angle_1", "angle_2", "momentum_1", "momentum_2")
        shown = Motion(canonical_motion, begin, names, canonical_energy)
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
    return motion_data(shown, sampling)


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 4] of angles and angular velocities [N, 4]."""
    first, second, w1, w2 = y.T
    apart = first - second
    cos, sin = np.cos(apart), np.sin(apart)
    # M(q) w' = force, of the mass matrix [[2, cos], [cos, 1]].
    f1 = -(w2**2) * sin - 2 * GRAVITY * np.sin(first)
    f2 = w1**2 * sin - GRAVITY * np.sin(second)
    size = 2 - cos**2
    return np.stack([w1, w2, (f1 - cos * f2) / size, (2 * f2 - cos * f1) / size], axis=1)


def energy(x: np.ndarray) -> np.ndarray:
    """The energy, [...] of angles and angular velocities [..., 4]."""
    first, second, w1, w2 = np.moveaxis(x, -1, 0)
    kinetic = w1**2 + w2**2 / 2 + w1 * w2 * np.cos(first - second)
    return np.asarray(kinetic - GRAVITY * (2 * np.cos(first) + np.cos(second)))


def momenta_of(x: np.ndarray) -> np.ndarray:
    """Angles and their momenta of angles and angular velocities, [..., 4]."""
    first, second, w1, w2 = np.moveaxis(x, -1, 0)
    cos = np.cos(first - second)
    return np.stack([first, second, 2 * w1 + cos * w2, cos * w1 + w2], axis=-1)


def velocities_of(x: np.ndarray) -> np.ndarray:
    """Angles and angular velocities of angles and their momenta, [..., 4]."""
    first, second, p1, p2 = np.moveaxis(x, -1, 0)
    cos = np.cos(first - second)
    size = 2 - cos**2
    return np.stack([first, second, (p1 - cos * p2) / size, (2 * p2 - cos * p1) / size], axis=-1)


def canonical_motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 4] of angles and momenta [N, 4], by Hamilton's equations."""
    first, second, w1, w2 = velocities_of(y).T
    pull = w1 * w2 * np.sin(first - second)
    forces = [-pull - 2 * GRAVITY * np.sin(first), pull - GRAVITY * np.sin(second)]
    return np.stack([w1, w2, *forces], axis=1)


def canonical_energy(x: np.ndarray) -> np.ndarray:
    """The energy, [...] of angles and momenta [..., 4]."""
    return energy(velocities_of(x))


def starts(rng: np.random.Generator, count: int, *, swing: float) -> np.ndarray:
    """Starts [count, 4] at rest, so that velocities and momenta are 0."""
    return np.concatenate([rng.uniform(-swing, swing, (count, 2)), np.zeros((count, 2))], axis=1)
