"""What data sets of motions share: paths of a known field from drawn starts, and its energy."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...tasks import Energy
from ..raw import RawData
from ..series.build import series_data
from ..series.generated.exact import solution
from ..series.generated.times import Times, observation_times, with_noise

ACCURACY = 1e-11
"""The error of a step, absolute and relative to the state."""


@dataclass(frozen=True)
class Motion:
    """A known equation of motion, dx/dt = field(x), in the user's units.

    To make a data set of your own, register a builder that returns
    `motion_data(Motion(...), Sampling(...))`; `zoo/datasets/physics/spring.py` is one.
    """

    field: Callable[[np.ndarray], np.ndarray]
    """The derivatives [N, D] of states [N, D]; positions are in the first half."""
    starts: Callable[[np.random.Generator, int], np.ndarray]
    """So many drawn states [N, D] at time 0."""
    channels: tuple[str, ...]
    """What the D entries of a state are called."""
    energy: Energy | None = None
    """What the motion conserves, [...] of states [..., D]; None where nothing is."""
    paths: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    """The paths [N, T, D] from states [N, D] at times [N, T]; None where the field is solved."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How motions are observed; the fields are a data set's options of these names."""

    n: int
    length: int
    duration: float
    noise: float
    times: Times
    derivatives: bool
    rollouts: int
    rollout_length: int
    rollout_duration: float
    seed: int


def motion_data(motion: Motion, sampling: Sampling) -> RawData:
    """Paths of a motion, for the tasks dynamics and trajectory, with its energy, in its own units.

    `rollouts` more paths, from starts of their own, without noise and perhaps longer, are the test
    split; without any it is drawn from all paths. With `derivatives` there is an array `dx` [N, T,
    D]: the true derivatives, without noise.
    """
    rng = np.random.default_rng(sampling.seed)
    count = sampling.n
    t = observation_times(rng, count, sampling.length, sampling.duration, sampling.times)
    clean = _paths(motion, motion.starts(rng, count), t)
    arrays = _arrays(motion, t, clean, sampling.derivatives)
    arrays["x"] = with_noise(rng, arrays["x"], sampling.noise)
    held_out = None
    if sampling.rollouts:
        times = np.linspace(0.0, sampling.rollout_duration, sampling.rollout_length)
        times = np.broadcast_to(times, (sampling.rollouts, len(times)))
        longer = _paths(motion, motion.starts(rng, sampling.rollouts), times)
        arrays = _joined(arrays, _arrays(motion, times, longer, sampling.derivatives))
        held_out = np.arange(count + sampling.rollouts) >= count
    raw = series_data(
        arrays, ("dynamics", "trajectory"), seed=sampling.seed, channel_names=motion.channels
    )
    return replace(raw, held_out=held_out, energy=motion.energy, standardise=False)


def _paths(motion: Motion, starts: np.ndarray, t: np.ndarray) -> np.ndarray:
    if motion.paths is not None:
        return motion.paths(starts, t)

    def field(_: np.ndarray, y: np.ndarray) -> np.ndarray:
        return motion.field(y)

    return solution(field, starts, t, ACCURACY)


def _arrays(
    motion: Motion, t: np.ndarray, states: np.ndarray, derivatives: bool
) -> dict[str, np.ndarray]:
    """The arrays of paths without noise; all places are observed."""
    arrays = {"t": np.array(t), "x": states, "mask": np.ones(states.shape, bool)}
    if derivatives:
        flat = motion.field(states.reshape(-1, states.shape[-1]))
        arrays["dx"] = flat.reshape(states.shape)
    return arrays


def _joined(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of both, the shorter paths padded to the length of the longer ones."""
    length = max(one["t"].shape[1], other["t"].shape[1])
    first, second = _padded(one, length), _padded(other, length)
    return {name: np.concatenate([values, second[name]]) for name, values in first.items()}


def _padded(arrays: dict[str, np.ndarray], length: int) -> dict[str, np.ndarray]:
    """The arrays with the last place repeated, which is not observed."""
    last = arrays["t"].shape[1] - 1
    places = np.arange(length)
    made = {name: values[:, np.minimum(places, last)] for name, values in arrays.items()}
    return {**made, "mask": made["mask"] & (places <= last)[:, None]}
