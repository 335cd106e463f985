"""The vector field of an ODE in the plane, and how it moves the examples along."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..dynamics.base import lift
from ..errors import ConfigError
from ..models import AbstractODEModel
from ..models.base import AbstractModel
from ..objectives.parameters import float_type
from .examples import colours_of, put_key, scatter, shown_targets, spread
from .plane import fit_axes, ratio_of, spans_of
from .states import Course, course_of, interval, state_size
from .style import PAGE, new_figure, put_bar, style

_GREYS = LinearSegmentedColormap.from_list("speed", ["0.88", "0.25"])


def vector_field(
    model: AbstractModel, data: Dataset, *, examples: int = 60, resolution: int = 40
) -> Figure:
    """The field's stream lines at the start, the middle and the end, and the test examples there.

    Lines are darker where the field is faster. A tail behind each example is the path that it has
    come since the start. All panels show the same part of the plane, which holds every drawn state
    at every time, and a unit of the state is as long on both axes, unless the states reach more
    than 2.5 times as far on one.

    Args:
        model: an ODE model (`zoo.AbstractODEModel`) whose state has two entries.
        data: what it was trained on.
        examples: how many of the first 200 test examples are drawn, of each class as many.
        resolution: the field is evaluated at this many places along each axis.

    Raises `ConfigError` for another model, or fewer places than 2 or examples than 1.
    """
    _check(model, data, examples, resolution)
    assert isinstance(model, AbstractODEModel), "checked above"
    course = course_of(model, data)
    chosen = spread(data, shown_targets(data)[: len(course.states)], examples)
    ways = course.states[chosen]
    spans = spans_of(ways, 0.08)
    centres = [np.linspace(*span, resolution) for span in spans]
    steps = [0, len(course.depths) // 2, len(course.depths) - 1]
    fields = [_field(model, course.depths[step], centres) for step in steps]
    speeds = [np.hypot(*field) for field in fields]
    scale = Normalize(0, max(np.nanmax(speed, initial=0.0) for speed in speeds) or 1.0)
    with style():
        height = 1.85 * ratio_of(spans) + 0.9
        figure, panels = new_figure(height=height, columns=3, width=PAGE)
        for axes, step, field, speed in zip(panels, steps, fields, speeds, strict=True):
            axes.streamplot(
                centres[0], centres[1], field[0], field[1], color=speed, norm=scale, cmap=_GREYS,
                density=0.8, linewidth=0.7, arrowsize=0.6, zorder=1,
            )  # fmt: skip
            _draw_examples(axes, data, course, chosen, step)
            axes.set_title(f"$t$ = {course.depths[step]:.3g}", fontsize=9)
            fit_axes(axes, spans, ("state $y_1$", "state $y_2$" if axes is panels[0] else ""))
        put_bar(panels[-1], ScalarMappable(scale, _GREYS), "speed $|dy/dt|$")
        put_key(figure, panels[-1], data, place=1)
    return figure


def can_draw_field(model: AbstractModel, data: Dataset) -> bool:
    """Whether `vector_field` fits: an ODE model whose state has two entries."""
    alike = "args" not in data.train
    return isinstance(model, AbstractODEModel) and alike and state_size(model, data) == 2


def _check(model: AbstractModel, data: Dataset, examples: int, resolution: int) -> None:
    if not can_draw_field(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} has no field of the plane: expected an "
            "ODE model whose state has two entries, and data without args. Way out: "
            "zoo.plots.state_against_depth draws states of any length."
        )
    if resolution < 2 or examples < 1:
        raise ConfigError(
            f"resolution = {resolution}, examples = {examples}: expected 2 or more, and 1 or more."
        )


def _field(
    model: AbstractODEModel, t: float, centres: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """dy_1/dt and dy_2/dt in the direction of the solve, [rows, columns]; NaN where not finite."""
    places = np.stack(np.meshgrid(*centres), axis=-1)
    first, last = interval(model)
    states = jnp.asarray(places.reshape(-1, 2), float_type(model) or float)
    slopes = np.asarray(_slopes(model, t, states))
    slopes = np.where(np.isfinite(slopes), slopes, np.nan) * np.sign(last - first)
    slopes = slopes.reshape(places.shape)
    return slopes[..., 0], slopes[..., 1]


@eqx.filter_jit
def _slopes(model: AbstractODEModel, t: ArrayLike, states: Array) -> Array:
    return lift(model.dynamics)(jnp.asarray(t, states.dtype), jnp.asarray(states), None)


def _draw_examples(
    axes: Axes, data: Dataset, course: Course, chosen: np.ndarray, step: int
) -> None:
    y = shown_targets(data)[chosen]
    tails = course.states[chosen, : step + 1]
    # A colour with a NaN beside it would be drawn nowhere: failed solves have no tail.
    axes.add_collection(
        LineCollection(list(tails), colors=colours_of(data, y), linewidths=0.6, alpha=0.7)
    )
    scatter(axes, data, course.states[chosen, step], y)
