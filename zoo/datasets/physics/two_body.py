"""Two bodies that attract each other."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .gravity import energy, motion, planar_channels
from .motions import Motion, Sampling, motion_data


@register_dataset("two_body", kind="series", tasks=("dynamics", "trajectory"))
def two_body(
    *,
    n: Size = 200,
    length: Size = 50,
    duration: PositiveFloat = 20.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 100,
    rollout_duration: PositiveFloat = 20.0,
    seed: Seed = 0,
) -> RawData:
    """Two bodies of unit mass on nearly circular orbits (dynamics).

    Gravity with G = 1. The state holds the positions x1, y1, x2, y2 and as many velocities; the
    bodies are opposite each other around the origin, at distances between 0.7 and 2.1 from it, with
    velocities that differ by 5 % from those of a circle. As in Greydanus et al. 2019, "Hamiltonian
    Neural Networks", who have 1,000 orbits. Solved to 1e-11.

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
    return motion_data(Motion(motion, starts, planar_channels(2), energy), sampling)


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 8]."""
    place = rng.uniform(0.5, 1.5, (count, 2))
    radius = np.linalg.norm(place, axis=1, keepdims=True)
    velocity = np.stack([-place[:, 1], place[:, 0]], axis=1) / (2 * radius**1.5)
    velocity = velocity * (1 + 0.05 * rng.standard_normal((count, 1)))
    return np.concatenate([place, -place, velocity, -velocity], axis=1)
