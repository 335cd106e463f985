"""Particles on their way from noise to data: an animation, and a few moments of it in panels."""

from typing import Any

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..animation import Animation, settle
from ..examples import original
from ..plane import Spans, fit_axes, is_planar, plane_height, ratio_of, spans_of
from ..style import PAGE, new_figure, style
from .drawn import TIMES, Paths, check_count, density_for, is_density, paths_of

_BEHIND = 1000
"""Training examples behind the particles."""
_REST = 12
"""Frames for which the draws stay."""
_NEEDS = "two features, (2,)"


def particle_animation(model: AbstractModel, data: Dataset, *, frames: int = TIMES) -> Animation:
    """Points of the base flowing to data, a frame for each time, in the user's units.

    Grey points behind are training examples. The colour of a particle is the direction in which it
    lies from the centre of the base, so that one sees what becomes of each part of the noise.

    Args:
        model: a density of two features.
        data: what it was trained on.
        frames: how many of each block, and twelve more in which the draws are at rest.

    Raises `ConfigError` for another model or other data, or fewer frames than 2.
    """
    density = density_for(can_draw_particles(model, data), model, data, "particles", _NEEDS)
    check_count("frames", frames, 2)
    paths = paths_of(density, data, times=frames)
    spans = _spans(paths, data)
    with style():
        figure, (axes,) = new_figure(height=plane_height(spans, bar=False) + 0.15)
        points = _draw(axes, data, paths, 0)
        fit_axes(axes, spans, ("$x_1$", "$x_2$"))
        title = axes.set_title(paths.names[0], fontsize=9)
        settle(figure)

    def show(frame: int) -> None:
        points.set_offsets(paths.shown[:, frame])
        title.set_text(paths.names[frame])

    return Animation(figure, show, len(paths.names), [points, title], _REST)


def particle_panels(model: AbstractModel, data: Dataset, *, panels: int = 5) -> Figure:
    """Moments of `particle_animation` side by side, from the base on the left to draws of the data.

    Args:
        model: a density of two features.
        data: what it was trained on.
        panels: how many moments, the first and the last included.

    Raises `ConfigError` for another model or other data, or fewer panels than 2.
    """
    density = density_for(can_draw_particles(model, data), model, data, "particles", _NEEDS)
    check_count("panels", panels, 2)
    paths = paths_of(density, data)
    chosen = np.linspace(0, len(paths.names) - 1, panels).round().astype(int)
    spans = _spans(paths, data)
    with style():
        height = (PAGE - 0.6) / panels * ratio_of(spans) + 0.65
        figure, places = new_figure(height=height, columns=panels, width=PAGE)
        for axes, place in zip(places, chosen, strict=True):
            _draw(axes, data, paths, int(place))
            fit_axes(axes, spans, ("$x_1$", "$x_2$" if axes is places[0] else ""))
            axes.set_title(paths.names[place], fontsize=9)
    return figure


def can_draw_particles(model: AbstractModel, data: Dataset) -> bool:
    """Whether particles can be drawn: a density of two features."""
    return is_density(model, data) and is_planar(data)


def directions(starts: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 4"]:
    """A colour for the direction of each point of the base from its centre; a circle of colours."""
    angles = np.arctan2(starts[:, 1], starts[:, 0]) / (2 * np.pi) + 0.5
    return matplotlib.colormaps["hsv"](angles) * [0.82, 0.75, 0.82, 1.0]


def _spans(paths: Paths, data: Dataset) -> Spans:
    """The part of the plane that holds nearly all particles at all times, and all of the data."""
    points = paths.shown.reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    ends = np.quantile(points, [0.002, 0.998], axis=0) if len(points) else np.zeros((0, 2))
    return spans_of(np.concatenate([ends, original(data, data.train["x"])]), 0.03)


def _draw(axes: Axes, data: Dataset, paths: Paths, place: int) -> PathCollection:
    """Training examples in grey, and the particles at a time over them."""
    behind = original(data, data.train["x"])[:_BEHIND]
    axes.scatter(behind[:, 0], behind[:, 1], s=3, color="0.8", linewidths=0, rasterized=True)
    colours = directions(paths.states[:, 0])
    look: dict[str, Any] = {"s": 4, "linewidths": 0, "zorder": 3, "rasterized": True}
    return axes.scatter(paths.shown[:, place, 0], paths.shown[:, place, 1], color=colours, **look)
