"""Forecasting: the end of a series from what comes before."""

from collections.abc import Sequence
from typing import ClassVar

from ..registry import register_task
from .path_task import PathTask
from .types import Report


@register_task("forecasting")
class Forecasting(PathTask):
    """The end of a series from what comes before: its error beside the seasonal naive forecast's.

    Targets are the observed values that `given` does not mark; model and baselines see the others.
    Data without a season are compared with the last value shown.
    """

    needs: ClassVar[Sequence[str]] = ("given",)

    def compared(self, metrics: Report) -> str:
        """The seasonal naive forecast for data with a season, else the last value."""
        seasonal = "seasonal_naive_rmse"
        return seasonal if seasonal in metrics else self.baseline
