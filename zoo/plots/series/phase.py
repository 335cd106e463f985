"""Paths in the plane of two channels: what was observed beside what a model says."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ..style import BLACK, BLUE, name_axes, new_figure, put_legend, style
from .predicted import channel_name, check_paths, predicted, tells_paths


def phase_portrait(
    model: AbstractModel, data: Dataset, *, series: int = 6, channels: tuple[int, int] = (0, 1)
) -> Figure:
    """Test series in the plane of two channels, in the user's units; a ring is where each begins.

    Args:
        model: a model of trajectory, interpolation or forecasting.
        data: the series that it was trained on, of two channels or more.
        series: how many are drawn, evenly from the test split.
        channels: which two, counted from 0.

    Raises `ConfigError` for another model, other data, and channels that are not there.
    """
    check_paths(model, data)
    count = data.spec.size("channels")
    if len(set(channels)) != 2 or not all(0 <= each < count for each in channels) or series < 1:
        raise ConfigError(
            f"channels = {channels}, series = {series}: expected two different channels of the "
            f"{count} that the data have, counted from 0, and 1 series or more."
        )
    told, pair = predicted(model, data), list(channels)
    with style():
        figure, (axes,) = new_figure(height=3.2)
        label: Any = {"dots": "observed", "line": "model", "ring": "begin"}
        for row in range(min(series, len(told.t))):
            values, mean = told.values[row][:, pair], told.mean[row][:, pair]
            seen = np.isfinite(values).all(axis=1)
            axes.plot(*mean.T, color=BLUE, linewidth=1.1, label=label.pop("line", None))
            axes.plot(
                *values[seen].T, color=BLACK, linestyle="none", marker="o", markersize=1.8,
                label=label.pop("dots", None), zorder=3,
            )  # fmt: skip
            axes.plot(
                *mean[:1].T, color=BLUE, linestyle="none", marker="o", markersize=5,
                markerfacecolor="none", label=label.pop("ring", None), zorder=4,
            )  # fmt: skip
        name_axes(axes, *(channel_name(data, each) for each in channels))
        put_legend(figure, axes)
    return figure


def can_draw_phase(model: AbstractModel, data: Dataset) -> bool:
    """Whether `phase_portrait` fits: two channels or three, and a model whose outputs are paths."""
    return 2 <= data.spec.size("channels") <= 3 and tells_paths(model, data)
