"""Which classes a net thinks hard about: evaluations of the vector field by class."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..tasks import Target
from .cost import cost_of, has_cost
from .examples import class_name
from .plane import is_planar
from .style import BLACK, SKY, VERMILLION, name_axes, new_figure, padded, put_legend, style

_LARGEST = 110
"""Points²: the area of the disc of the most examples, as high as a row."""


def effort_by_class(model: AbstractModel, data: Dataset, *, classes: int = 20) -> Figure:
    """The evaluations (NFE) of each test example, a row for each class, the hardest one on top.

    A class is as hard as the mean over its examples, a black bar. Each example is solved with its
    own steps. A disc stands for the examples of as many evaluations, and its area for their number;
    within it is a second one for those that the model takes for another class. Examples whose solve
    failed are in no disc, and their class says how many they are.

    Args:
        model: a classifier with an adaptive solver.
        data: a classification.
        classes: at most so many rows, those of the hardest classes.

    Raises `ConfigError` for another model, other data, or fewer rows than 1.
    """
    _check(model, data, classes)
    cost = cost_of(model, data.test["x"])
    labels = np.asarray(data.test["y"])
    wrong = np.argmax(np.nan_to_num(cost.outputs, nan=-np.inf), axis=1) != labels
    order = _hardest_first(cost.evaluations, labels)[:classes]
    counts = [_counted(cost.evaluations[labels == label])[1].max() for label in order]
    largest = int(max(counts, default=1))
    with style():
        figure, (axes,) = new_figure(height=0.9 + 0.24 * len(order))
        for row, label in enumerate(order):
            mine = labels == label
            _draw_row(axes, row, cost.evaluations[mine], wrong[mine], largest)
        names = [_row_name(data, label, cost.evaluations[labels == label]) for label in order]
        name_axes(axes, "evaluations (NFE); area: number of examples", "")
        axes.set_yticks(np.arange(len(order)), names)
        axes.set(ylim=(len(order) - 0.4, -0.6), xlim=padded(cost.evaluations, 0.06))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        put_legend(figure, axes)
    return figure


def can_draw_effort_by_class(model: AbstractModel, data: Dataset) -> bool:
    """Whether it is drawn unasked: an adaptive classifier, of data that `effort_map` cannot show.

    In the plane `effort_map` shows where the hard places are.
    """
    return _fits(model, data) and not is_planar(data)


def _fits(model: AbstractModel, data: Dataset) -> bool:
    return has_cost(model, data) and data.target is Target.LABELS


def _check(model: AbstractModel, data: Dataset, classes: int) -> None:
    if not _fits(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, which serves {', '.join(data.tasks)}: "
            "expected a classifier with an adaptive solver (rtol instead of steps)."
        )
    if classes < 1:
        raise ConfigError(f"classes = {classes}: expected 1 or more.")


def _hardest_first(evaluations: np.ndarray, labels: np.ndarray) -> list[int]:
    """The labels with a known number of evaluations, those of the largest mean first."""
    known = np.isfinite(evaluations)
    present = np.unique(labels[known])
    means = [evaluations[known & (labels == label)].mean() for label in present]
    order: list[int] = present[np.argsort(-np.array(means), kind="stable")].tolist()
    return order


def _draw_row(
    axes: Axes, row: int, evaluations: np.ndarray, wrong: np.ndarray, largest: int
) -> None:
    """The examples of a class at a height of its own, and their mean."""
    everything = np.ones_like(wrong)
    discs = {"right": (everything, SKY), "wrong": (wrong, VERMILLION)}
    for label, (some, colour) in discs.items():
        places, counts = _counted(evaluations[some])
        sizes = _LARGEST * counts / largest
        look: dict[str, Any] = {"color": colour, "linewidths": 0, "label": None if row else label}
        axes.scatter(places, np.full(len(places), row), s=sizes, **look)
    mean = float(np.nanmean(evaluations))
    line: dict[str, Any] = {"color": BLACK, "label": None if row else "mean of the class"}
    axes.plot([mean, mean], [row - 0.38, row + 0.38], linewidth=1.6, zorder=1.5, **line)


def _counted(evaluations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of evaluations that there are, and how many examples have each."""
    return np.unique(evaluations[np.isfinite(evaluations)], return_counts=True)


def _row_name(data: Dataset, label: int, evaluations: np.ndarray) -> str:
    failed = int(np.isnan(evaluations).sum())
    return class_name(data.classes[label]) + (f" ({failed} failed)" if failed else "")
