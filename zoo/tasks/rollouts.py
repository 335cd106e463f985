"""What rollouts are worth: their error by time, how long they are valid, and their energy."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .types import Energy, Metrics

THRESHOLD = 0.4
"""The error, in deviations of the training values, at which a rollout is valid no longer: that of
Pathak et al. 2018, "Model-Free Prediction of Large Spatiotemporally Chaotic Systems"."""
QUARTERS = 4


@dataclass(frozen=True)
class Rollouts:
    """M paths of a model beside the true ones, in the user's units."""

    t: np.ndarray
    """Times since each path's start, [M, T]."""
    seen: np.ndarray
    """At which times all channels are observed, [M, T]."""
    told: np.ndarray
    """The model's path, [M, T, D]."""
    true: np.ndarray
    """What was observed, [M, T, D]."""
    unit: np.ndarray
    """The deviation of each channel in the training paths, [D]."""

    @cached_property
    def errors(self) -> np.ndarray:
        """The root mean square over the channels of errors in deviations, [M, T]; NaN if unseen."""
        square = np.mean(((self.told - self.true) / self.unit) ** 2, axis=-1)
        return np.where(self.seen, np.sqrt(square), np.nan)

    @property
    def valid_times(self) -> np.ndarray:
        """The last observed time of each path, [M], before one with an error above `THRESHOLD`."""
        wrong = self.errors > THRESHOLD
        before = self.seen & (np.cumsum(wrong, axis=1) == 0)
        return np.where(before, self.t, 0).max(axis=1, initial=0)


def horizon_metrics(rolled: Rollouts, prefix: str) -> Metrics:
    """`valid_time`, and `error_by_time` over each quarter of the longest path; None over nothing.

    A path that is valid to its end counts by its length, so that `valid_time` is at most the mean
    length, `rollout_time`.
    """
    if not rolled.seen.any():
        return {f"{prefix}valid_time": None, f"{prefix}error_by_time": {}}
    longest = float(np.max(np.where(rolled.seen, rolled.t, 0)))
    ends = longest * np.arange(1, QUARTERS + 1) / QUARTERS
    place = np.minimum(np.searchsorted(ends, rolled.t), QUARTERS - 1)
    by_time: dict[str, float | None] = {}
    for quarter, end in enumerate(ends):
        errors = rolled.errors[rolled.seen & (place == quarter)]
        by_time[f"{end:.4g}"] = float(np.sqrt(np.mean(errors**2))) if len(errors) else None
    told: Metrics = {
        f"{prefix}valid_time": float(rolled.valid_times.mean()),
        f"{prefix}error_by_time": by_time,
    }
    lengths = np.where(rolled.seen, rolled.t, 0).max(axis=1)
    return told if prefix else {**told, "rollout_time": float(lengths.mean())}


def energy_metrics(rolled: Rollouts, energy: Energy, prefix: str) -> Metrics:
    """How well rollouts keep the true energy; None where that of some state is not finite.

    `energy_mse` is the mean square, over all observed times, of the energy of the rollout less that
    of what was observed (Greydanus et al. 2019). `energy_drift` is the mean over the paths of the
    largest distance of a rollout's energy from its own first. A prediction that stays at the first
    value keeps its energy and is no motion: see `valid_time` beside it.
    """
    names = [f"{prefix}energy_mse", f"{prefix}energy_drift"]
    if not rolled.seen.any():
        return dict.fromkeys(names)
    told, true = energy(rolled.told), energy(rolled.true)
    mse = np.mean((told - true)[rolled.seen] ** 2)
    drift = np.where(rolled.seen, np.abs(told - told[:, :1]), 0).max(axis=1).mean()
    values = [float(each) if np.isfinite(each) else None for each in (mse, drift)]
    return dict(zip(names, values, strict=True))
