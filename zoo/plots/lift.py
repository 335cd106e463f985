"""How one more dimension lifts classes of the plane off each other, in space."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from .examples import class_lines, colours_of, spread
from .plane import is_planar
from .states import course_of, interval, state_size
from .style import WIDTH, empty_figure, padded, place_legend, style

_STEPS = 60


def lift_in_space(model: Any, data: Dataset, *, examples: int = 200, ways: int = 24) -> Figure:
    """The states of test examples in space: where they start, in the plane, and where they end.

    Small pale marks at the start, full ones at the end, and the way of some of them. Colours tell
    the classes.

    Args:
        model: an ODE model whose state has three entries, such as two features and one more.
        data: a classification with two features.
        examples: how many of the first 200 test examples are drawn.
        ways: of how many of them the whole trajectory is drawn.

    Raises `ConfigError` for another model or other data.
    """
    if not can_draw_lift(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} is no lift into space: expected a state of "
            "three entries (two features and augment=1) and a classification."
        )
    course = course_of(model, data, _STEPS + 1)
    y = data.test["y"][: len(course.states)]
    chosen = spread(data, y, examples)
    states, colours = course.states[chosen], colours_of(data, y[chosen])
    first, last = interval(model)
    with style():
        figure = empty_figure(WIDTH, WIDTH)
        axes: Any = figure.add_subplot(projection="3d")
        axes.scatter(*states[:, 0].T, c=colours, s=3, alpha=0.25, depthshade=False, linewidths=0)
        axes.scatter(*states[:, -1].T, c=colours, s=9, depthshade=False, linewidths=0)
        for at in spread(data, y[chosen], ways):
            axes.plot(*states[at].T, color=colours[at], linewidth=0.5, alpha=0.7)
        axes.set(xlabel="$y_1$", ylabel="$y_2$", zlabel="$y_3$, added")
        limits = [padded(states[..., i], 0.03) for i in range(3)]
        axes.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
        axes.view_init(elev=18, azim=-58)
        axes.tick_params(labelsize=7, pad=0)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_major_locator(MaxNLocator(4))
        axes.set_title(f"pale at $t$ = {first:g}, full at $t$ = {last:g}", fontsize=8)
        axes.set_box_aspect(None, zoom=0.86)
        place_legend(figure, class_lines(data))
    return figure


def can_draw_lift(model: Any, data: Dataset) -> bool:
    """Whether `lift_in_space` fits."""
    added = getattr(model, "augment", 0) == 1
    return added and is_planar(data) and bool(data.classes) and state_size(model, data) == 3
