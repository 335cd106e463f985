"""What drives a neural CDE: the path through the observations, and the states that it makes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ...models.series import NeuralCDE, Series
from ..examples import class_lines, colours_of, lines_of, spread
from ..states import Coordinates, coordinates
from ..style import BLACK, BLUE, PAGE, name_axes, new_figure, padded, place_legend, style
from .predicted import channel_name, some_series

POINTS = 200
"""Shares of a path's length at which it is drawn."""


def control_paths(
    model: AbstractModel, data: Dataset, *, example: int = 0, series: int = 12
) -> Figure:
    """The control of one series beside its observations, and the hidden states of several.

    On the left two channels of the path X(t) of a test series, with dots where there are values; on
    the right two principal components of the state z along each path, from its beginning (0) to its
    end (1), by class where there are classes. Values are standardised.

    Args:
        model: a neural CDE.
        data: the series that it was trained on.
        example: which test series is drawn on the left, from 0.
        series: of how many states are drawn, at most 64.

    Raises `ConfigError` for another model, other data, or an example that is not there.
    """
    _check(model, data, example, series)
    assert isinstance(model, NeuralCDE), "checked"
    arrays = {name: jnp.asarray(values) for name, values in some_series(data).items()}
    one = {name: jnp.asarray(values[example : example + 1]) for name, values in data.test.items()}
    shares = np.linspace(0, 1, POINTS)
    t, path = _path(model, Series.of(one), jnp.asarray(shares))
    states = coordinates(np.asarray(_states(model, Series.of(arrays), jnp.asarray(shares))))
    with style():
        figure, panels = new_figure(2, 3.4, columns=2, width=PAGE, share=False)
        shown = Series.of(one)
        for row in range(2):
            channel = min(row, data.spec.size("channels") - 1)
            _draw_control(panels[2 * row], shown, np.asarray(t), np.asarray(path), channel)
            name = channel_name(data, channel)
            name_axes(panels[2 * row], "time since the start" if row else "", f"control, {name}")
            _draw_states(panels[2 * row + 1], states, row, data, series)
            title = f"$z$, component {min(row, len(states.names) - 1) + 1}"
            name_axes(panels[2 * row + 1], "share of the series" if row else "", title)
        figure.align_ylabels(panels)
        place_legend(figure, class_lines(data)) if data.classes else None
    return figure


def can_draw_control(model: AbstractModel, data: Dataset) -> bool:
    """Whether `control_paths` fits: a neural CDE, on series."""
    return isinstance(model, NeuralCDE) and data.spec.kind == "series"


def _check(model: AbstractModel, data: Dataset, example: int, series: int) -> None:
    if not can_draw_control(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} has no control: expected a NeuralCDE, and "
            "series. Way out: zoo.plots.all_figures draws what fits."
        )
    count = len(data.test["x"])
    if not 0 <= example < count or series < 1:
        raise ConfigError(
            f"example = {example}, series = {series}: expected a test series from 0 to "
            f"{count - 1}, and 1 series or more."
        )


def _draw_control(axes: Axes, one: Series, t: np.ndarray, path: np.ndarray, channel: int) -> None:
    """The channel's path, whose first channel is the time itself, and its observations."""
    axes.plot(t, path[:, 1 + channel], color=BLUE, linewidth=1.1)
    seen = np.asarray(one.mask[0, :, channel])
    times, values = np.asarray(one.since_start[0])[seen], np.asarray(one.x[0, :, channel])[seen]
    axes.plot(times, values, color=BLACK, linestyle="none", marker="o", markersize=2.5, zorder=3)


def _draw_states(axes: Axes, states: Coordinates, row: int, data: Dataset, count: int) -> None:
    y = some_series(data).get("y", np.zeros(len(states.values)))
    shares = np.linspace(0, 1, POINTS)
    chosen = spread(data, y, min(count, len(y)))
    looks = zip(chosen, colours_of(data, y[chosen]), lines_of(data, y[chosen]), strict=True)
    values = states.values[..., min(row, states.values.shape[-1] - 1)]
    for example, colour, line in looks:
        axes.plot(shares, values[example], color=colour, linestyle=line, linewidth=0.8)
    axes.set_ylim(*padded(values[chosen], 0.05))


@eqx.filter_jit
def _path(
    model: NeuralCDE, one: Series, shares: Float[Array, " S"]
) -> tuple[Float[Array, " S"], Float[Array, "S C"]]:
    """Times and values of the path of one series."""
    path = model.path(one)
    t = shares * path.end[0]
    return t, jax.vmap(lambda s: path.evaluate(s)[0])(t)


@eqx.filter_jit
def _states(model: NeuralCDE, xs: Series, shares: Float[Array, " S"]) -> Float[Array, "B S hidden"]:
    return model.states(xs, shares)[0]
