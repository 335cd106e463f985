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
from ..states import coordinates
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
    some, shares = some_series(data), np.linspace(0, 1, POINTS)
    one = Series.of({name: values[example : example + 1] for name, values in data.test.items()})
    t, path = _path(model, one, jnp.asarray(shares))
    drawn = Series.of({name: jnp.asarray(values) for name, values in some.items()})
    states = coordinates(np.asarray(_states(model, drawn, jnp.asarray(shares))))
    y = some.get("y", np.zeros(len(states.values)))
    with style():
        figure, panels = new_figure(2, 3.4, columns=2, width=PAGE, share=False)
        for row in range(2):
            channel = min(row, data.spec.size("channels") - 1)
            _draw_control(panels[2 * row], one, np.asarray(t), np.asarray(path), channel)
            name = channel_name(data, channel)
            name_axes(panels[2 * row], "time since the start" if row else "", f"control, {name}")
            component = min(row, states.values.shape[-1] - 1)
            _draw_states(panels[2 * row + 1], states.values[..., component], y, data, series)
            title = f"$z$, component {component + 1}"
            name_axes(panels[2 * row + 1], "share of the series" if row else "", title)
        figure.align_ylabels(panels)
        if data.classes:
            place_legend(figure, class_lines(data))
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


def _draw_states(
    axes: Axes, values: Float[np.ndarray, "N S"], y: np.ndarray, data: Dataset, count: int
) -> None:
    """One component of the states of `count` series, coloured by what is known of them, `y`."""
    chosen = spread(data, y, min(count, len(y)))
    looks = zip(chosen, colours_of(data, y[chosen]), lines_of(data, y[chosen]), strict=True)
    shares = np.linspace(0, 1, values.shape[1])
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
