"""Series beside what a model says of them: observations, its mean and its 90 % band."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ..style import BLACK, BLUE, PAGE, VERMILLION, WIDTH, name_axes, new_figure, place_legend, style
from .predicted import Predicted, channel_name, check_paths, predicted, tells_paths

Z_90 = 1.6448536269514722
"""Standard deviations to either side of the mean that hold 90 % of a normal distribution."""
CHANNELS = 4
"""Channels that are drawn where not told."""


def series_bands(
    model: AbstractModel,
    data: Dataset,
    *,
    series: int = 3,
    channels: tuple[int, ...] | None = None,
) -> Figure:
    """Test series, a column each and a panel for each channel: dots, the model's mean, its band.

    Filled dots are observations that the model was shown, open ones those that it was to find
    (interpolation, forecasting). The band holds 90 % of what the model expects to be observed; a
    model that tells no deviation has none. Everything is in the user's units.

    Args:
        model: a model of trajectory, interpolation or forecasting.
        data: the series that it was trained on.
        series: how many are drawn, evenly from the test split.
        channels: which channels are drawn, counted from 0; the first four where not given.

    Raises `ConfigError` for another model, other data, and a series or channel that is not there.
    """
    check_paths(model, data)
    count = data.spec.size("channels")
    channels = tuple(range(min(count, CHANNELS))) if channels is None else tuple(channels)
    if series < 1 or not channels or not all(0 <= each < count for each in channels):
        raise ConfigError(
            f"series = {series}, channels = {channels}: expected 1 series or more, and channels "
            f"from 0 to {count - 1}."
        )
    told = predicted(model, data)
    rows = np.unique(np.linspace(0, len(told.t) - 1, min(series, len(told.t))).round().astype(int))
    with style():
        width = WIDTH if len(rows) == 1 else PAGE
        figure, panels = new_figure(
            len(channels), 0.6 + 1.35 * len(channels), columns=len(rows), width=width
        )
        for place, axes in enumerate(panels):
            row, channel = rows[place % len(rows)], channels[place // len(rows)]
            _draw(axes, told, int(row), channel)
            last = place // len(rows) == len(channels) - 1
            name = channel_name(data, channel) if place % len(rows) == 0 else ""
            name_axes(axes, "time" if last else "", name)
        figure.align_ylabels(panels[:: len(rows)])
        handles: dict[str, Any] = {}
        for axes in panels:
            found = zip(*axes.get_legend_handles_labels(), strict=True)
            handles |= {label: handle for handle, label in found}
        place_legend(figure, list(handles.values()))
    return figure


def can_draw_bands(model: AbstractModel, data: Dataset) -> bool:
    """Whether `series_bands` fits: series, and a model whose outputs are paths."""
    return tells_paths(model, data)


def _draw(axes: Axes, told: Predicted, row: int, channel: int) -> None:
    """One channel of one series."""
    t, mean = told.t[row], told.mean[row, :, channel]
    if told.deviation is not None:
        half = Z_90 * told.deviation[row, :, channel]
        axes.fill_between(
            t, mean - half, mean + half, color=BLUE, alpha=0.2, linewidth=0, label="90 % band"
        )
    axes.plot(t, mean, color=BLUE, linewidth=1.1, label="mean")
    values, shown = told.values[row, :, channel], told.shown[row, :, channel]
    hidden = np.isfinite(values) & ~shown
    look: dict[str, Any] = {"linestyle": "none", "marker": "o", "zorder": 3}
    if shown.any():
        axes.plot(t[shown], values[shown], color=BLACK, markersize=2, label="observed", **look)
    if hidden.any():
        axes.plot(
            t[hidden], values[hidden], color=VERMILLION, markersize=3, markerfacecolor="white",
            markeredgewidth=0.8, label="held out", **look,
        )  # fmt: skip
