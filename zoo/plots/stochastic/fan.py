"""A fan of paths: draws and data side by side, with the bands that hold them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..series.predicted import channel_name
from ..style import BLACK, BLUE, PAGE, VERMILLION, name_axes, new_figure, put_legend, style
from .drawn import drawn_beside

LEVELS = (0.05, 0.25, 0.75, 0.95)
"""The ends of the bands that hold a half and nine tenths of the paths at a time."""


def path_fan(model: AbstractModel, data: Dataset, *, shown: int = 20) -> Figure:
    """Held-out paths on the left and draws on the right: some of each, and their bands.

    The shades hold half and nine tenths of the values at each time, the dark line is the mean, and
    dashes the true mean, and two standard deviations to either side, where the law is known. A row
    for each channel, in the user's units.

    Args:
        model: a model of random paths.
        data: what it was trained on.
        shown: paths that are drawn as lines.

    Raises `ConfigError` for another model or other data.
    """
    told = drawn_beside(model, data)
    channels = told.drawn.shape[-1]
    with style():
        figure, panels = new_figure(channels, 0.5 + 2.0 * channels, columns=2, width=PAGE)
        for place, axes in enumerate(panels):
            channel, side = place // 2, place % 2
            paths, color = ((told.held_out, BLUE), (told.drawn, VERMILLION))[side]
            _draw(axes, told.t, paths[..., channel], color, shown)
            if data.law is not None:
                _draw_law(axes, told.t, data.law.mean[:, channel], data.law.sd[:, channel])
            both = np.concatenate([told.held_out[..., channel], told.drawn[..., channel]])
            axes.set_ylim(*np.quantile(both, (0.002, 0.998)))
            axes.set_title(("held-out paths", "drawn by the model")[side], fontsize=9)
            name_axes(axes, "t", channel_name(data, channel) if side == 0 else "")
        put_legend(figure, panels[-1])
    return figure


def _draw(axes: Axes, t: np.ndarray, paths: np.ndarray, color: str, shown: int) -> None:
    ends = np.quantile(paths, LEVELS, axis=0)
    for low, high in ((0, 3), (1, 2)):
        axes.fill_between(t, ends[low], ends[high], color=color, alpha=0.2, linewidth=0)
    axes.plot(t, paths[:shown].T, color=color, linewidth=0.4, alpha=0.6)
    axes.plot(t, paths.mean(axis=0), color=color, linewidth=1.6, label="mean")


def _draw_law(axes: Axes, t: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> None:
    for place, each in enumerate((mean, mean - 2 * sd, mean + 2 * sd)):
        label = "true mean, ± 2 deviations" if place == 0 else None
        axes.plot(t, each, color=BLACK, linewidth=0.8, linestyle="--", label=label)
