"""Interpolation: the values between those of a series that a model is shown."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..registry import register_task
from . import naive
from .path_task import PathTask, times_of, training_means
from .types import Arrays, Data


@register_task("interpolation")
class Interpolation(PathTask):
    """The values of a series between those shown: their error beside the straight line's.

    Targets are the observed values that `given` does not mark; model and baselines see the others.
    """

    needs: ClassVar[Sequence[str]] = ("given",)
    found_among_shown: ClassVar[bool] = True
    baseline: ClassVar[str] = "linear_rmse"

    def naive(self, arrays: Arrays, data: Data) -> dict[str, np.ndarray]:
        """`linear`, the straight line between the values shown, and the baselines of all."""
        x, shown, fill = arrays["x"], self.shown(arrays), training_means(data)
        line = naive.linear(times_of(arrays), x, shown, fill)
        return {"linear": line, **super().naive(arrays, data)}
