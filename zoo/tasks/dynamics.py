"""Dynamics: how long a learned motion stays with the true one, and whether it keeps its energy."""

from typing import ClassVar

import numpy as np

from ..registry import register_task
from .path_task import observed_values, times_of
from .paths import Paths
from .rollouts import Rollouts, energy_metrics, horizon_metrics
from .trajectory import Trajectory
from .types import Arrays, Data, Metrics


@register_task("dynamics")
class Dynamics(Trajectory):
    """Rollouts of a learned motion: their error by time, valid time and, where known, energy.

    Beside what `trajectory` tells: `valid_time`, the mean over the paths of the time up to which
    the error of a rollout stays below `THRESHOLD` deviations of the training values, and
    `error_by_time`, that error by quarters of the longest path. Baselines are those of
    `trajectory`. With an energy (`RawData.energy`) also `energy_mse` and `energy_drift`, see
    `energy_metrics`. Times and energies are in the user's units.

    A valid time ends at the first error, of noise too: it means something for test paths without
    noise, as the option `rollouts` of the data sets of `zoo.datasets.physics` makes them.
    """

    baseline: ClassVar[str] = "mean_rmse"

    def metrics(self, outputs: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Metrics:
        """What `trajectory` tells, and of rollouts their errors by time and their energy."""
        told = super().metrics(outputs, arrays, data, ok)
        mean = Paths.of(outputs, arrays["x"].shape, self.name).mean
        guesses = {"": mean, **self.naive(arrays, data)}
        for name, values in guesses.items():
            rolled = self._rolled(values, arrays, data, ok)
            prefix = f"{name}_" if name else ""
            told |= horizon_metrics(rolled, prefix)
            if data.energy is not None:
                told |= energy_metrics(rolled, data.energy, prefix)
        return told

    @staticmethod
    def _rolled(values: np.ndarray, arrays: Arrays, data: Data, ok: np.ndarray) -> Rollouts:
        """The paths that were solved, in the user's units."""
        learned, seen = data.preprocessing, observed_values(arrays)
        known = np.asarray(observed_values(data.train).all(axis=-1))
        unit = np.std(learned.raw(data.train["x"][known].astype(np.float64)), axis=0)
        times = times_of(arrays).astype(np.float64)
        return Rollouts(
            t=(times - times[:, :1])[ok] * learned.time_unit,
            seen=np.asarray(seen.all(axis=-1))[ok],
            told=learned.raw(np.asarray(values, np.float64))[ok],
            true=learned.raw(arrays["x"].astype(np.float64))[ok],
            unit=np.where(unit > 0, unit, 1.0),
        )
