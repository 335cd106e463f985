"""Three bodies that attract each other."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .gravity import energy, motion, planar_channels
from .motions import Motion, Sampling, motion_data


@register_dataset("three_body", kind="series", tasks=("dynamics", "trajectory"))
def three_body(
    *,
    n: Size = 200,
    length: Size = 20,
    duration: PositiveFloat = 5.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 20,
    rollout_duration: PositiveFloat = 5.0,
    seed: Seed = 0,
) -> RawData:
    """Three bodies of unit mass, nearly on a rotating triangle (dynamics).

    Gravity with G = 1. The state holds the positions x1, y1, ..., y3 and as many velocities; the
    bodies start on a triangle of equal sides at distances between 0.9 and 1.2 from its centre, with
    velocities that differ by up to 20 % from those that keep it one. As in Greydanus et al. 2019,
    "Hamiltonian Neural Networks", who have 5,000 orbits. Solved to 1e-11.

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
    return motion_data(Motion(motion, starts, planar_channels(3), energy), sampling)


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 12]."""
    corner = rng.uniform(-1, 1, (count, 2))
    radius = rng.uniform(0.9, 1.2, (count, 1))
    place = corner / np.linalg.norm(corner, axis=1, keepdims=True) * radius
    # The speed of three equal masses on a circle: v² = 1 / (sqrt(3) r).
    velocity = np.stack([-place[:, 1], place[:, 0]], axis=1) / radius**1.5 / 3**0.25
    third = np.array([[-0.5, 3**0.5 / 2], [-(3**0.5) / 2, -0.5]])
    places, velocities = [place], [velocity]
    for _ in range(2):
        places.append(places[-1] @ third)
        velocities.append(velocities[-1] @ third)
    changed = [each * (1 + rng.uniform(-0.2, 0.2, each.shape)) for each in velocities]
    return np.concatenate([*places, *changed], axis=1)
