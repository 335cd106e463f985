"""The flow of an ODE in motion: how the examples of a plane move from t0 to t1."""

import numpy as np
from matplotlib.collections import LineCollection, PathCollection

from ..datasets import Dataset
from ..errors import ConfigError
from ..models import AbstractODEModel
from ..models.base import AbstractModel
from .animation import Animation, settle
from .examples import colours_of, has_scale, put_key, scatter, shown_targets
from .plane import fit_axes, is_planar, plane_height, spans_of
from .states import POINTS, Coordinates, coordinates, course_of, state_size
from .style import new_figure, style

_REST = 8
"""Frames for which the last state stays."""
_TAIL = 20
"""Times for which a place that was passed is shown."""


def flow_animation(model: AbstractModel, data: Dataset, *, frames: int = 40) -> Animation:
    """The states of the test examples, a frame for each time, in equal steps from t0 to t1.

    The first two entries of the state, or two principal components of one that has more than four.
    A short tail shows where each example comes from. The axes hold every state of every frame.

    Args:
        model: an ODE model whose state has two entries or more.
        data: data with two features.
        frames: how many, and eight more in which the end is at rest.

    Raises `ConfigError` for another model or other data, or fewer frames than 2.
    """
    if not can_draw_flow(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, with inputs of shape "
            f"{data.train['x'].shape[1:]}, has no flow of the plane: expected an ODE model whose "
            "state is a vector of two entries or more, and two features, (2,)."
        )
    if frames < 2:
        raise ConfigError(f"frames = {frames}: expected 2 or more.")
    course = course_of(model, data)
    shown = coordinates(course.states)
    ways, y = shown.values[..., :2], shown_targets(data)[: len(course.states)]
    times = np.linspace(0, POINTS - 1, frames).round().astype(int)
    spans = spans_of(ways, 0.05)
    with style():
        figure, (axes,) = new_figure(height=plane_height(spans, bar=has_scale(data)) + 0.15)
        points = scatter(axes, data, ways[:, 0], y)
        tails = LineCollection([], colors=colours_of(data, y), linewidths=0.6, alpha=0.5)
        axes.add_collection(tails, autolim=False)
        fit_axes(axes, spans, _names(shown))
        title = axes.set_title("$t$", fontsize=9)
        put_key(figure, axes, data)
        settle(figure)

    def show(frame: int) -> None:
        step = times[frame]
        _move(points, data, ways[:, step], y)
        tails.set_segments(list(ways[:, max(step - _TAIL, 0) : step + 1]))
        title.set_text(f"$t$ = {course.depths[step]:.2f}")

    return Animation(figure, show, frames, [tails, *points, title], _REST)


def can_draw_flow(model: AbstractModel, data: Dataset) -> bool:
    """Whether `flow_animation` fits: an ODE model of a plane, its state of two entries or more."""
    ode = isinstance(model, AbstractODEModel)
    return ode and is_planar(data) and (state_size(model, data) or 0) > 1


def _names(shown: Coordinates) -> tuple[str, str]:
    return shown.names[0].replace("\n", " "), shown.names[1].replace("\n", " ")


def _move(points: list[PathCollection], data: Dataset, to: np.ndarray, y: np.ndarray) -> None:
    if not data.classes:
        points[0].set_offsets(to)
        return
    for label, mine in enumerate(points):
        mine.set_offsets(to[y == label])
