"""Trajectory: the whole path of a series from its start."""

from typing import ClassVar

import numpy as np

from ..registry import register_task
from .naive import last_value
from .path_task import PathTask, observed_values, shown_values, training_means
from .types import Arrays, Data


@register_task("trajectory")
class Trajectory(PathTask):
    """The whole path of a series from its start: its error beside that of the training mean.

    Targets are all observed values. Baselines are `first_value`, which stays at the first value of
    each channel, and `mean`, that of the training series.
    """

    baseline: ClassVar[str] = "mean_rmse"

    def targets(self, arrays: Arrays) -> np.ndarray:
        """All observed values."""
        return observed_values(arrays)

    def shown(self, arrays: Arrays) -> np.ndarray:
        """The first value of each channel."""
        seen = shown_values(arrays)
        return seen & (np.cumsum(seen, axis=1) == 1)

    def naive(self, arrays: Arrays, data: Data) -> dict[str, np.ndarray]:
        """Where the series began, and the mean of the training series."""
        x, means = arrays["x"], training_means(data)
        first = last_value(x, self.shown(arrays), means)
        return {"first_value": first, "mean": np.broadcast_to(means, x.shape)}
