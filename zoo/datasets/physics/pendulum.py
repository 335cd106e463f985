"""A pendulum without friction."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .motions import Motion, Sampling, motion_data
from .spring import on_circle

GRAVITY = 3.0
"""What the potential is multiplied with."""


@register_dataset("pendulum", kind="series", tasks=("dynamics", "trajectory"))
def pendulum(
    *,
    n: Size = 50,
    length: Size = 45,
    duration: PositiveFloat = 3.0,
    noise: NonNegativeFloat = 0.1,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 200,
    rollout_duration: PositiveFloat = 60.0,
    seed: Seed = 0,
) -> RawData:
    """Pendulums without friction, with energy 3 (1 - cos q) + p^2 (dynamics).

    dq/dt = 2 p, dp/dt = -3 sin q, from starts at distances between 1.3 and 2.3 of the rest; a small
    swing takes 2.57. As in Greydanus et al. 2019, "Hamiltonian Neural Networks". Solved to 1e-11.

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
    return motion_data(Motion(motion, starts, ("angle", "momentum"), energy), sampling)


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 2] of angles and momenta [N, 2]."""
    return np.stack([2 * y[:, 1], -GRAVITY * np.sin(y[:, 0])], axis=1)


def energy(x: np.ndarray) -> np.ndarray:
    """3 (1 - cos q) + p², [...] of states [..., 2]."""
    return np.asarray(GRAVITY * (1 - np.cos(x[..., 0])) + x[..., 1] ** 2)


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 2]."""
    return on_circle(rng, count, 1.3, 2.3)
