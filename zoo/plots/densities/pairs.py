"""Columns of a table two by two: draws of a density beside what they should look like."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ..examples import original
from ..image_panels import image_shape
from ..style import BLUE, PAGE, VERMILLION, new_figure, padded, place_legend, style
from .drawn import density_for, draw, is_density
from .names import column_names, wrapped

_MOST = 4
"""Columns that are drawn where not told."""
_POINTS = 1000
_BARS: dict[str, Any] = {"density": True, "histtype": "stepfilled", "alpha": 0.35}
_DOTS: dict[str, Any] = {"s": 4, "linewidths": 0, "alpha": 0.6, "rasterized": True}


def pair_plots(
    model: AbstractModel, data: Dataset, *, columns: tuple[int, ...] | None = None
) -> Figure:
    """Histograms of some columns on the diagonal, and below it each pair of them as points.

    Data are training and test rows, draws as many of the model, up to 1,000; both in the user's
    units. What the model missed shows where one colour lies alone.

    Args:
        model: a density.
        data: what it was trained on: a table of two columns or more.
        columns: which, counted from 0; where not given the four that are correlated the strongest
            with each other, since what depends on what is the harder part of a density.

    Raises `ConfigError` for another model, other data, and columns that there are not.
    """
    needs = "a table of three columns or more, or two columns that you name"
    fits = is_density(model, data) and data.train["x"].ndim == 2 and data.in_size > 1
    density = density_for(fits, model, data, "pairs of columns", needs)
    chosen = _chosen(data, columns)
    rows = np.concatenate([original(data, data.split(name)["x"]) for name in ("train", "test")])
    rows = rows[np.random.default_rng(0).permutation(len(rows))[:_POINTS]][:, chosen]
    draws = draw(density, data, len(rows)).values[:, chosen]
    names = [wrapped(column_names(data)[place]) for place in chosen]
    with style():
        figure, panels = new_figure(len(chosen), PAGE, columns=len(chosen), width=PAGE, share=False)
        for place, axes in enumerate(panels):
            row, column = divmod(place, len(chosen))
            _draw(axes, rows, draws, row, column)
            _name(axes, names, row, column)
        figure.align_ylabels(panels[:: len(chosen)])
        marks = [
            Line2D([], [], marker="o", markersize=3, linestyle="none", color=colour, label=label)
            for colour, label in ((VERMILLION, "data"), (BLUE, "draws"))
        ]
        place_legend(figure, marks)
    return figure


def can_draw_pairs(model: AbstractModel, data: Dataset) -> bool:
    """Whether `pair_plots` fits: a density of a table of three columns or more."""
    table = data.train["x"].ndim == 2 and image_shape(data) is None
    return is_density(model, data) and table and data.in_size > 2


def most_correlated(x: Float[np.ndarray, "N D"], count: int) -> tuple[int, ...]:
    """The columns that are correlated the strongest with each other, in the order of the table.

    The strongest pair first, then again and again the one that is so with those that there are.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix = np.abs(np.nan_to_num(np.corrcoef(x.T.astype(np.float64))))
    np.fill_diagonal(matrix, 0.0)
    chosen = [int(place) for place in np.unravel_index(matrix.argmax(), matrix.shape)]
    while len(chosen) < min(count, len(matrix)):
        strength = matrix[chosen].sum(axis=0)
        strength[chosen] = -1.0
        chosen.append(int(strength.argmax()))
    return tuple(sorted(set(chosen)))


def _chosen(data: Dataset, columns: tuple[int, ...] | None) -> tuple[int, ...]:
    """The columns that are drawn. Raises `ConfigError` for others than there are, or twice one."""
    chosen = most_correlated(data.train["x"], _MOST) if columns is None else tuple(columns)
    last = data.in_size - 1
    if len(set(chosen)) < max(len(chosen), 2) or not all(0 <= each <= last for each in chosen):
        raise ConfigError(
            f"columns = {chosen}: expected two columns or more, each once, from 0 to {last}."
        )
    return chosen


def _draw(
    axes: Axes,
    rows: Float[np.ndarray, "n K"],
    draws: Float[np.ndarray, "n K"],
    row: int,
    column: int,
) -> None:
    """One panel: a histogram, points, or nothing above the diagonal."""
    if column > row:
        axes.set_axis_off()
        return
    # A few draws far out would leave the data a corner of the panel.
    low, high = padded(rows[:, column], 0.15)
    if row == column:
        edges = np.linspace(low, high, 25).tolist()
        axes.hist(rows[:, column], edges, color=VERMILLION, **_BARS)
        axes.hist(draws[:, column], edges, color=BLUE, **_BARS)
        axes.set_yticks([])
    else:
        axes.scatter(rows[:, column], rows[:, row], color=VERMILLION, **_DOTS)
        axes.scatter(draws[:, column], draws[:, row], color=BLUE, **_DOTS)
        axes.set_ylim(*padded(rows[:, row], 0.15))
        axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(MaxNLocator(3))


def _name(axes: Axes, names: list[str], row: int, column: int) -> None:
    """Names on the left and at the foot of all panels, ticks there alone."""
    last = row == len(names) - 1
    axes.tick_params(labelbottom=last, labelleft=column == 0 and row > 0)
    if last:
        axes.set_xlabel(names[column])
    if column == 0:
        axes.set_ylabel(names[row])
