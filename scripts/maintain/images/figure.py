"""Accuracy against what it costs: evaluations of a test image, and the time of a training step."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from json_lines import Row
from matplotlib.axes import Axes

from zoo.plots.style import (
    BLACK,
    COLOURS,
    MARKERS,
    PAGE,
    name_axes,
    new_figure,
    put_legend,
    save_figure,
    scale_log,
    style,
)

from .contenders import CONTENDERS

_COSTS = {"nfe": "evaluations of a test image (NFE)", "step_ms": "ms of a training step"}


def draw(runs: Mapping[str, Sequence[Row]], path: Path) -> None:
    """A point for each contender, the bars from its worst to its best seed.

    One residual step with the field of an ODE-Net looks as that does, and is hollow.
    """
    with style():
        figure, panels = new_figure(1, 3.0, columns=len(_COSTS), width=PAGE)
        for axes, (cost, label) in zip(panels, _COSTS.items(), strict=True):
            # What evaluates nothing has no place on a scale of evaluations.
            shown = {name: rows for name, rows in runs.items() if _costs(rows, cost).all()}
            for name, rows in shown.items():
                _point(axes, name, _costs(rows, cost), rows)
            scale_log(axes.xaxis, np.concatenate([_costs(r, cost) for r in shown.values()]))
            name_axes(axes, label, "test accuracy, %" if axes is panels[0] else "")
        put_legend(figure, panels[-1])  # what evaluates nothing is in the last one
        save_figure(figure, path)


def _costs(rows: Sequence[Row], cost: str) -> np.ndarray:
    return np.array([row[cost] for row in rows], float)


def _point(axes: Axes, name: str, costs: np.ndarray, rows: Sequence[Row]) -> None:
    scores = 100 * np.array([row["accuracy"] for row in rows])
    reach = [np.abs([[v.min() - v.mean()], [v.max() - v.mean()]]) for v in (costs, scores)]
    with_ode = name.removesuffix("one block").removesuffix(", ") or "ODE-Net"
    place = list(CONTENDERS).index(with_ode)
    colour = BLACK if CONTENDERS[name].without_block else COLOURS[place % len(COLOURS)]
    axes.errorbar(
        costs.mean(),
        scores.mean(),
        xerr=reach[0],
        yerr=reach[1],
        fmt=MARKERS[place % len(MARKERS)],
        color=colour,
        markerfacecolor=colour if with_ode == name else "white",
        markersize=4.5,
        elinewidth=0.8,
        label=name,
    )
