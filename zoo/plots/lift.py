"""How one more dimension lifts classes of the plane off each other, in space."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from ..models import AbstractODEModel
from ..models.base import AbstractModel
from .examples import class_lines, colours_of, spread
from .plane import is_planar
from .states import EXAMPLES, course_of, interval, state_size
from .style import BLACK, WIDTH, empty_figure, padded, place_legend, style

_START: dict[str, Any] = {"s": 4, "alpha": 0.3, "linewidths": 0}
_END: dict[str, Any] = {"s": 10, "linewidths": 0}


def lift_in_space(
    model: AbstractModel, data: Dataset, *, examples: int = 200, ways: int = 24
) -> Figure:
    """The states of test examples in space: where they start, in the plane, and where they end.

    Small pale marks at the start, full ones at the end, and the way of some of them. Colours tell
    the classes.

    Args:
        model: an ODE model whose state has three entries, of which the third is zero at the start,
            such as two features and one dimension more (`augment=1`).
        data: a classification with two features.
        examples: how many of the first 200 test examples are drawn.
        ways: of how many of them the whole trajectory is drawn.

    Raises `ConfigError` for another model or other data.
    """
    if not can_draw_lift(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} is no lift into space: expected a state of "
            "three entries, the third zero at the start (two features and augment=1), and a "
            "classification."
        )
    assert isinstance(model, AbstractODEModel), "checked above"
    course = course_of(model, data)
    y = data.test["y"][: len(course.states)]
    chosen = spread(data, y, examples)
    states, colours = course.states[chosen], colours_of(data, y[chosen])
    with style():
        figure = empty_figure(WIDTH, 3.1)
        axes: Any = figure.add_subplot(projection="3d")
        axes.scatter(*states[:, 0].T, c=colours, depthshade=False, **_START)
        axes.scatter(*states[:, -1].T, c=colours, depthshade=False, **_END)
        for at in spread(data, y[chosen], ways):
            axes.plot(*states[at].T, color=colours[at], linewidth=0.5, alpha=0.7)
        limits = [padded(states[..., i], 0.03) for i in range(3)]
        axes.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
        axes.set(xlabel="state $y_1$", ylabel="state $y_2$", zlabel="added $y_3$")
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
            axis.set_tick_params(labelsize=8, pad=-2)
            axis.labelpad = -4
        axes.view_init(elev=18, azim=-58)
        place_legend(figure, [*class_lines(data), *_ends(model)])
        figure.canvas.draw()
        figure.set_layout_engine("none")
        # The box of a view into space leaves much white around itself.
        axes.set_position((-0.04, -0.06, 1.02, 1.06))
    return figure


def can_draw_lift(model: AbstractModel, data: Dataset) -> bool:
    """Whether `lift_in_space` fits: an ODE model whose third entry of the state starts at zero."""
    if not (isinstance(model, AbstractODEModel) and is_planar(data) and data.classes):
        return False
    return state_size(model, data) == 3 and _starts_in_plane(model, data)


def _starts_in_plane(model: AbstractODEModel, data: Dataset) -> bool:
    starts = np.asarray(model.initial_state(jnp.asarray(data.test["x"][:EXAMPLES])))
    return not starts[:, 2].any()


def _ends(model: AbstractODEModel) -> list[Artist]:
    """What the marks are, as a legend's handles."""
    looks = zip(interval(model), (_START, _END), strict=True)
    axes = Figure().add_subplot()
    return [axes.scatter([], [], color=BLACK, label=f"$t$ = {t:g}", **look) for t, look in looks]
