"""How far each model is below the baseline, data set by data set."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..registry import TASKS
from ..tasks import task_named
from .style import COLOURS, MARKERS, PAGE, name_axes, new_figure, put_legend, style

# Below it the axis is linear, so that an error of 0 has its place.
_LINEAR = 0.03


def comparison(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figure:
    """The test error of each model as a share of the baseline's, one line of points a data set.

    Args:
        rows: {"data set: model": runs}, as `comparison.json` keeps them: of each run its `figure`
            (a task's metric, or an error), its `score` and the `baseline` of the same figure.

    The point is the mean over the runs, the bar from the best to the worst one. The baseline is the
    most frequent class, or the mean of the training targets; it stands at 1.
    """
    sets = sorted({key.split(": ")[0] for key in rows})
    models = list(dict.fromkeys(key.split(": ")[1] for key in rows))
    with style():
        figure, (axes,) = new_figure(1, 0.45 + 0.42 * len(sets), width=PAGE)
        for place, model in enumerate(models):
            at = np.arange(len(sets)) + 0.7 * (place / max(len(models) - 1, 1) - 0.5)
            shares = [_shares(rows.get(f"{name}: {model}", [])) for name in sets]
            low, middle, high = np.array([[s.min(), s.mean(), s.max()] for s in shares]).T
            axes.errorbar(
                middle,
                at,
                xerr=[middle - low, high - middle],
                fmt=MARKERS[place % len(MARKERS)],
                color=COLOURS[place % len(COLOURS)],
                markersize=3.5,
                elinewidth=0.8,
                label=model,
            )
        axes.set_xscale("symlog", linthresh=_LINEAR, linscale=0.4)
        axes.xaxis.set_major_locator(FixedLocator([0, 0.03, 0.1, 0.3, 1]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(left=-0.004)
        axes.axvline(1, color="0.6", linewidth=0.6)
        for line in np.arange(len(sets) - 1) + 0.5:
            axes.axhline(line, color="0.9", linewidth=0.5)
        axes.set_yticks(range(len(sets)), sets)
        axes.set_ylim(len(sets) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        name_axes(axes, "test error, as a share of the baseline's", "")
        put_legend(figure, axes)
    return figure


def _shares(runs: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Each run's error over the baseline's; NaN where there is no run."""
    tasks = map(task_named, TASKS.names())
    perfect = {task.metric: task.perfect for task in tasks}
    best = [perfect.get(run["figure"], 0.0) for run in runs]
    pairs = zip(runs, best, strict=True)
    shares = [(at - run["score"]) / (at - run["baseline"]) for run, at in pairs]
    return np.array(shares or [np.nan])
