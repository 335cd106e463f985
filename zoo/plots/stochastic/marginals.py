"""Marginals over time: the law of the value at a few times, draws beside data."""

import numpy as np
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ...tasks.path_moments import places
from ..series.predicted import channel_name
from ..style import BLUE, PAGE, VERMILLION, name_axes, new_figure, put_legend, style
from .drawn import drawn_beside

BINS = 24


def path_marginals(model: AbstractModel, data: Dataset) -> Figure:
    """Histograms of the values at a few times, of held-out paths and of draws, a row a channel.

    The times are those at which the task `paths` tells moments. Bars of both are as wide, and each
    histogram has the area 1.

    Args:
        model: a model of random paths.
        data: what it was trained on.

    Raises `ConfigError` for another model or other data.
    """
    told = drawn_beside(model, data)
    channels, at = told.drawn.shape[-1], places(len(told.t))
    with style():
        figure, panels = new_figure(
            channels, 0.5 + 1.6 * channels, columns=len(at), width=PAGE, share=False
        )
        for place, axes in enumerate(panels):
            channel, time = place // len(at), at[place % len(at)]
            pair = [paths[:, time, channel] for paths in (told.held_out, told.drawn)]
            low, high = np.quantile(np.concatenate(pair), (0.001, 0.999))
            edges = np.linspace(low, high + 1e-6 * (1 + abs(high)), BINS + 1).tolist()
            axes.hist(pair[0], edges, color=BLUE, alpha=0.5, density=True, label="held out")
            axes.hist(
                pair[1], edges, color=VERMILLION, histtype="step", density=True, label="drawn"
            )
            axes.set_title(f"$t$ = {told.t[time]:.3g}", fontsize=9)
            axes.set_yticks([])
            name_axes(axes, channel_name(data, channel), "")
        put_legend(figure, panels[0])
    return figure
