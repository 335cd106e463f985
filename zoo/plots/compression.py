"""How much cheaper a trained model gets without training: tolerance, pruning, quantisation."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .point_names import PointNames
from .rows import Rows, column, groups, line, metric_of
from .style import BLACK, COLOURS, name_axes, new_figure, put_legend, scale_log, style

Row: TypeAlias = Mapping[str, Any]

_COSTS = {
    "bytes_read": "bytes of weights that an example reads",
    "weight_bytes": "bytes of all weights",
}
"""What a point costs, by its column."""


def compression_figure(rows: Rows) -> Figure:
    """The test metric of one trained model against the weights that an example reads.

    A line for each way to read fewer of them, the model as it is as a star and a dashed line, and
    the task's baseline as a dotted one. Points are named by their tolerance, by the share of the
    matrices' entries that is zero, and by the bits of one; where they are dense, some of them.
    Where no row says what is read, the size of all weights stands in its place.
    """
    metric, baseline = metric_of(rows)
    cost = next(name for name in _COSTS if np.isfinite(column(rows, name)).any())
    found = groups(rows, "by")
    original = found.get("original", [])
    with style():
        figure, (axes,) = new_figure(height=2.9)
        for i, (by, (unit, _)) in enumerate(_NAMES.items()):
            if by in found:
                line(axes, found[by], cost, metric, i, label=f"{by} ({unit})")
        _draw_references(axes, original, cost, metric, baseline)
        name_axes(axes, _COSTS[cost], f"{metric}, test")
        scale_log(axes.xaxis, column(rows, cost))
        axes.margins(x=0.07, y=0.1)
        # What is cheap is worse: on that side of a curve there is room.
        low = np.nanmean(column(rows, metric)) < column(original, metric).sum()
        names = PointNames(axes)
        for i, (by, (_, name)) in reversed([*enumerate(_NAMES.items())]):
            group = found.get(by, [])
            points = np.stack([column(group, cost), column(group, metric)], axis=1)
            above = bool(low) is (by == "tolerance")
            names.put([name(row) for row in group], points, above=above, colour=COLOURS[i])
        put_legend(figure, axes)
    return figure


def _draw_references(
    axes: Axes, original: Rows, cost: str, metric: str, baseline: str | None
) -> None:
    """The model as it is, and the baseline of its task."""
    look: dict[str, Any] = {"color": BLACK, "linestyle": "--", "linewidth": 0.8}
    for at in column(original, metric):
        axes.axhline(at, zorder=1, **look)
    axes.plot(
        column(original, cost),
        column(original, metric),
        marker="*",
        markersize=9,
        zorder=3,
        label="as trained",
        **look,
    )
    for at in column(original, baseline or ""):
        if np.isfinite(at):
            label = str(baseline).replace("_", " ")
            axes.axhline(at, zorder=1, label=label, **(look | {"linestyle": ":"}))


def _tolerance(row: Row) -> str:
    return f"{row['rtol']:.0e}".replace("e-0", "e-")


def _sparsity(row: Row) -> str:
    return f"{100 * row['sparsity']:.0f} %"


def _bits(row: Row) -> str:
    return f"{row['bits']}"


_NAMES: dict[str, tuple[str, Callable[[Row], str]]] = {
    "tolerance": ("rtol", _tolerance),
    "pruning": ("zeros", _sparsity),
    "quantisation": ("bits", _bits),
}
"""The ways to make a model cheaper, with what a point is called by, and its name."""
