"""A mass on a spring."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .motions import Motion, Sampling, motion_data


@register_dataset("spring", kind="series", tasks=("dynamics", "trajectory"))
def spring(
    *,
    n: Size = 50,
    length: Size = 30,
    duration: PositiveFloat = 3.0,
    noise: NonNegativeFloat = 0.1,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 100,
    rollout_duration: PositiveFloat = 20.0,
    seed: Seed = 0,
) -> RawData:
    """Masses on springs, with energy p^2 + q^2 (dynamics).

    dq/dt = 2 p, dp/dt = -2 q, from starts at distances between 0.1 and 1 of the rest. As in
    Greydanus et al. 2019, "Hamiltonian Neural Networks". Solved to 1e-11.

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
    return motion_data(Motion(motion, starts, ("position", "momentum"), energy), sampling)


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 2] of positions and momenta [N, 2]."""
    return 2 * np.stack([y[:, 1], -y[:, 0]], axis=1)


def energy(x: np.ndarray) -> np.ndarray:
    """p² + q², [...] of states [..., 2]."""
    return np.asarray(np.sum(x**2, axis=-1))


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 2]."""
    return on_circle(rng, count, 0.1, 1.0)


def on_circle(rng: np.random.Generator, count: int, least: float, most: float) -> np.ndarray:
    """Points [count, 2] in the directions of points of a square, at evenly drawn distances."""
    corner = rng.uniform(-1, 1, (count, 2))
    length = rng.uniform(least, most, (count, 1))
    return corner / np.linalg.norm(corner, axis=1, keepdims=True) * length
