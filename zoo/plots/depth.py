"""State against depth: the trajectories of an ODE, or the activations between blocks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from ..models.base import AbstractModel
from .examples import (
    class_lines,
    colours_of,
    has_scale,
    lines_of,
    shown_targets,
    spread,
    target_label,
    target_scale,
)
from .states import POINTS, Coordinates, Course, coordinates, course_of
from .style import PAGE, WIDTH, name_axes, new_figure, padded, place_legend, style


def state_against_depth(
    models: Mapping[str, AbstractModel], data: Dataset, *, examples: int = 20, points: int = POINTS
) -> Figure:
    """How the states of test examples change from the first to the last, a column for each model.

    An ODE's trajectories at `points` times; between the blocks of a residual net, marks that a
    thin line joins. A panel for each entry of a state of four or less, and for three principal
    components of a longer one, whose share of the variance is in brackets. Colours tell classes,
    or the target, where the data have any. The state is that which the model computes with, in
    standardised units where the data are standardised.

    Args:
        models: the models by the name that stands above their column.
        data: what they were trained on.
        examples: how many of the first 200 test examples are drawn, of each class as many.
        points: at how many times the state of an ODE is evaluated.

    Raises `ConfigError` for models without states, or no example to draw.
    """
    if not isinstance(models, Mapping) or not models:
        raise ConfigError(f"models is {type(models).__name__}: expected {{name: model}}.")
    if examples < 1:
        raise ConfigError(f"examples = {examples}: expected 1 or more.")
    courses = {name: course_of(model, data, points) for name, model in models.items()}
    shown = [coordinates(course.states) for course in courses.values()]
    chosen = spread(data, shown_targets(data)[: len(shown[0].values)], examples)
    rows, columns = max(len(each.names) for each in shown), len(courses)
    with style():
        height = 0.7 + (1.35 if any(each.shares for each in shown) else 1.2) * rows
        width = WIDTH if columns == 1 else PAGE
        figure, panels = new_figure(rows, height, columns=columns, width=width)
        for column, (title, course) in enumerate(courses.items()):
            mine = panels[column::columns]
            _draw_column(mine, course, shown[column], chosen, data)
            if columns > 1:
                mine[0].set_title(title, fontsize=9, loc="left")
        _set_limits(panels, [each.values[chosen] for each in shown])
        figure.align_ylabels(panels[::columns])
        _put_key(figure, panels, data)
    return figure


def _draw_column(
    panels: list[Axes], course: Course, shown: Coordinates, chosen: np.ndarray, data: Dataset
) -> None:
    y = shown_targets(data)[chosen]
    looks = list(zip(colours_of(data, y), lines_of(data, y), strict=True))
    marks: dict[str, Any] = {"marker": "o", "markersize": 2.5} if course.discrete else {}
    for k, name in enumerate(shown.names):
        for states, (colour, line) in zip(shown.values[chosen], looks, strict=True):
            panels[k].plot(
                course.depths, states[:, k], color=colour, linestyle=line, linewidth=0.8, **marks
            )
        name_axes(panels[k], "", name)
        if shown.shares:
            share = f"{100 * shown.shares[k]:.0f} % of the variance"
            panels[k].set_title(share, fontsize=8, loc="right", pad=2)
    for axes in panels[len(shown.names) :]:
        axes.set_axis_off()
    last = panels[len(shown.names) - 1]
    last.set_xlabel("blocks passed" if course.discrete else "depth $t$")
    last.tick_params(labelbottom=True)
    first, end = course.depths[[0, -1]]
    margin = 0.03 * (end - first)
    last.set_xlim(first - margin, end + margin)
    if course.discrete:
        last.xaxis.set_major_locator(MaxNLocator(6, integer=True))


def _set_limits(panels: list[Axes], values: list[np.ndarray]) -> None:
    """Panels side by side share their limits, which hold all that is drawn in any."""
    for k in range(len(panels) // len(values)):
        row = [each[..., k].ravel() for each in values if k < each.shape[-1]]
        panels[k * len(values)].set_ylim(*padded(np.concatenate(row), 0.05))


def _put_key(figure: Figure, panels: list[Axes], data: Dataset) -> None:
    if data.classes:
        place_legend(figure, class_lines(data))
    if not has_scale(data):
        return
    rows = len(panels[0].get_shared_x_axes().get_siblings(panels[0]))
    colours, scale = target_scale(data)
    shown = ScalarMappable(scale, colours)
    bar = figure.colorbar(shown, ax=panels, fraction=0.05, pad=0.02, aspect=16 * rows)
    bar.set_label(target_label(data))
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
