"""How an example is shown: its class by colour, marker and line, its target by a scale.

Where data have no targets, all examples look alike.
"""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_rgba
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..datasets import Dataset
from ..tasks import Target, first_with_targets
from .style import BLACK, COLOURS, LINES, MARKERS, padded, place_legend, put_bar

# Black in the place of yellow, which is faint as a line.
_LINE_COLOURS = (*COLOURS[:-1], BLACK)


def original(data: Dataset, x: np.ndarray) -> np.ndarray:
    """Inputs in their original unit."""
    return data.x_scale.invert(x) if data.x_scale else x


def class_name(name: object) -> str:
    """What a legend calls a class."""
    return name if isinstance(name, str) else f"class {name}"


def shown_targets(data: Dataset) -> np.ndarray:
    """What tells the test examples apart: labels [N], targets [N, targets], or zeros [N]."""
    return np.zeros(len(data.test["x"])) if data.target is Target.NOTHING else data.test["y"]


def has_scale(data: Dataset) -> bool:
    """Whether examples are told apart by a scale, beside which a bar stands."""
    return data.target is Target.NUMBERS


def colours_of(data: Dataset, y: np.ndarray) -> np.ndarray:
    """A line's colour for each of `shown_targets`: by label, by target, or one for all: [N, 4]."""
    if not has_scale(data):
        return np.array([to_rgba(_LINE_COLOURS[i % len(COLOURS)]) for i in y.astype(int)])
    colours, scale = target_scale(data)
    return colours(scale(_shades(data, y)))


def target_scale(data: Dataset) -> tuple[Colormap, Normalize]:
    """Colours for targets that are numbers, from the least to the largest of the test split."""
    # The bright end is faint as a line on white.
    steps = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, 256))
    values = _shades(data, shown_targets(data))
    return LinearSegmentedColormap.from_list("target", steps), Normalize(*padded(values, 0.0))


def lines_of(data: Dataset, y: np.ndarray) -> list[Any]:
    """A line style for each label: more classes than colours are told apart by it."""
    if not data.classes:
        return ["-"] * len(y)
    return [LINES[int(i) // len(COLOURS) % len(LINES)] for i in y]


def spread(data: Dataset, y: np.ndarray, count: int) -> np.ndarray:
    """Rows of `count` examples that show all: as many of each class, evenly over the target, or
    evenly over the rows."""
    if data.classes:
        turns = np.zeros(len(y), int)
        for label in np.unique(y):
            turns[y == label] = np.arange(np.sum(y == label))
        order = np.lexsort((y, turns))
        return order[:count]
    order = np.argsort(y[:, 0], kind="stable") if has_scale(data) else np.arange(len(y))
    return order[np.unique(np.linspace(0, len(y) - 1, min(count, len(y))).round().astype(int))]


def scatter(axes: Axes, data: Dataset, points: np.ndarray, y: np.ndarray) -> list[PathCollection]:
    """The points [N, 2], each class a collection of its own that a legend can name."""
    size = float(np.clip(3000 / max(len(points), 1), 6, 16))
    look: dict[str, Any] = {"s": size, "edgecolors": "white", "linewidths": 0.3, "zorder": 3}
    look["rasterized"] = len(points) > 2000
    if not data.classes:
        return [axes.scatter(points[:, 0], points[:, 1], color=colours_of(data, y), **look)]
    return [
        axes.scatter(
            points[y == i, 0], points[y == i, 1], c=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)], label=class_name(name), **look,
        )
        for i, name in enumerate(data.classes)
    ]  # fmt: skip


def target_label(data: Dataset) -> str:
    """What the bar of `target_scale` is called."""
    task = first_with_targets(data.tasks)
    return f"target {task.target_label(data.preprocessing)}" if task else ""


def class_lines(data: Dataset) -> list[Line2D]:
    """A line for each class, as a legend's handles."""
    y = np.arange(len(data.classes))
    looks = zip(data.classes, colours_of(data, y), lines_of(data, y), strict=True)
    return [Line2D([], [], color=c, linestyle=s, label=class_name(n)) for n, c, s in looks]


def put_key(
    figure: Figure, axes: Axes, data: Dataset, *others: Artist | Container, place: int = 0
) -> None:
    """What tells classes above the axes, with further handles, or a bar of targets beside them.

    The bar stands further right with a later `place`, where others stand before it.
    """
    handles = [*axes.get_legend_handles_labels()[0], *others]
    if handles:
        place_legend(figure, handles)
    if has_scale(data):
        colours, scale = target_scale(data)
        put_bar(axes, ScalarMappable(scale, colours), target_label(data), place=place)


def _shades(data: Dataset, y: np.ndarray) -> np.ndarray:
    """The numbers [N] of which the scale is, in their own unit."""
    task = first_with_targets(data.tasks)
    assert task is not None, "targets that are numbers are those of a task"
    return task.shade(y, data.preprocessing)
