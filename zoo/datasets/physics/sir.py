"""An epidemic."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, NonNegativeInt, PositiveFloat, Seed, Size
from ..raw import RawData
from ..series.generated.times import Times
from .motions import Motion, Sampling, motion_data

CONTACTS, RECOVERY = 1.66, 0.44
"""Per day: infections by one who is infected among the susceptible, and recoveries."""


@register_dataset("sir", kind="series", tasks=("dynamics", "trajectory"))
def sir(
    *,
    n: Size = 100,
    length: Size = 30,
    duration: PositiveFloat = 15.0,
    noise: NonNegativeFloat = 0.0,
    times: Times = "regular",
    derivatives: bool = False,
    rollouts: NonNegativeInt = 0,
    rollout_length: Size = 60,
    rollout_duration: PositiveFloat = 30.0,
    seed: Seed = 0,
) -> RawData:
    """Epidemics: shares of the susceptible, infected and recovered (dynamics).

    Kermack and McKendrick 1927: dS/dt = -1.66 S I, dI/dt = 1.66 S I - 0.44 I, dR/dt = 0.44 I, in
    days, near what fits the influenza of an English school in 1978. Between 0.1 and 5 % are
    infected at first, and up to 30 % have recovered. Solved to 1e-11.

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
    return motion_data(Motion(motion, starts, ("susceptible", "infected", "recovered")), sampling)


def motion(y: np.ndarray) -> np.ndarray:
    """The derivatives [N, 3] of the shares [N, 3]."""
    susceptible, infected, _ = y.T
    caught, healed = CONTACTS * susceptible * infected, RECOVERY * infected
    return np.stack([-caught, caught - healed, healed], axis=1)


def starts(rng: np.random.Generator, count: int) -> np.ndarray:
    """Starts [count, 3], which add up to 1."""
    infected, recovered = rng.uniform(0.001, 0.05, count), rng.uniform(0, 0.3, count)
    return np.stack([1 - infected - recovered, infected, recovered], axis=1)
