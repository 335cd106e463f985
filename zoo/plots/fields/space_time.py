"""Fields over space and time: what was observed, what a model says, and how they differ."""

import numpy as np
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ..series.predicted import predicted
from ..style import PAGE, name_axes, new_figure, style
from .grids import checked_grid


def space_time(model: AbstractModel, data: Dataset, *, series: int = 2) -> Figure:
    """Heat maps of test series, a row each: observed, rolled out by the model, model - observed.

    Observed and model share their colours, symmetric around 0; the difference has its own, and a
    bar for each row says what they mean.

    Args:
        model: a trajectory of fields on a grid of one axis.
        data: the series that it was trained on.
        series: how many are drawn, evenly from the test split.

    Raises `ConfigError` for another model, other data, or less than one series.
    """
    grid = checked_grid(model, data)
    if series < 1:
        raise ConfigError(f"series = {series}: expected 1 or more.")
    told = predicted(model, data)
    count = min(series, len(told.t))
    rows = np.unique(np.linspace(0, len(told.t) - 1, count).round().astype(int))
    with style():
        figure, panels = new_figure(
            len(rows), 0.5 + 1.6 * len(rows), columns=3, width=PAGE, share=True
        )
        for place, row in enumerate(rows):
            true, mean = told.values[row].T, told.mean[row].T
            t, x = told.t[row], grid.coordinates(0)
            fields = {"observed": true, "model": mean, "model - observed": mean - true}
            for column, (name, values) in enumerate(fields.items()):
                axes = panels[3 * place + column]
                shown = true if column < 2 else values
                most = float(np.nanmax(np.abs(shown), initial=0.0)) or 1.0
                mesh = axes.pcolormesh(
                    t, x, values, cmap="RdBu_r", vmin=-most, vmax=most, shading="nearest",
                    rasterized=True,
                )  # fmt: skip
                if column:
                    figure.colorbar(mesh, ax=axes)
                if place == 0:
                    axes.set_title(name)
                last = place == len(rows) - 1
                name_axes(axes, "time" if last else "", "" if column else "x")
    return figure
