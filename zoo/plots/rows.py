"""Rows of a sweep as figures draw them: a column, groups, the metric, a line of points."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from ..registry import TASKS
from ..tasks import task_named
from .style import COLOURS, MARKERS

Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""Measurements, each by the names of its columns; one that is None was not made."""


def groups(rows: Rows, key: str) -> dict[str, list[Mapping[str, Any]]]:
    """The rows by what they have at a key, in the order of its first row."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row.get(key, "unknown")), []).append(row)
    return found


def line(axes: Axes, rows: Rows, x: str, y: str, place: int, **look: Any) -> None:
    """A line with marks, whose colour and mark are those of its place in the legend."""
    colour, mark = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    usual: dict[str, Any] = {"color": colour, "marker": mark, "markersize": 3.5, "linewidth": 1.0}
    axes.plot(column(rows, x), column(rows, y), **(usual | look))


def column(rows: Rows, key: str) -> np.ndarray:
    """What the rows have at a key, [rows]; NaN where one has nothing."""
    values = [row.get(key) for row in rows]
    return np.array([np.nan if value is None else value for value in values], float)


def metric_of(rows: Rows) -> tuple[str, str | None]:
    """The column of the metric of whatever task the rows are of, and that of its baseline.

    `loss`, which has none, where the rows hold no task's metric.
    """
    for task in map(task_named, TASKS.names()):
        if task.metric is not None and any(task.metric in row for row in rows):
            return task.metric, task.baseline
    return "loss", None
