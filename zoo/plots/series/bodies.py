"""Bodies in the plane in motion: the true ones, and those of a model."""

import numpy as np
from jaxtyping import Float
from matplotlib.collections import LineCollection

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ..animation import Animation, settle
from ..style import COLOURS, name_axes, new_figure, padded, put_legend, style
from .predicted import check_paths, predicted, tells_paths

_TAIL = 15
"""Observed times for which a place that was passed is shown."""


def bodies_animation(
    model: AbstractModel, data: Dataset, *, path: int = 0, frames: int = 50
) -> Animation:
    """A test path of bodies in the plane: rings for the true ones, discs for the model's rollout.

    The axes hold the true path; a rollout that leaves them is no longer seen.

    Args:
        model: a model of the task dynamics, or of another one of paths.
        data: whose channels are called x_1, y_1, x_2 and so on, a pair for each body.
        path: which of the test series, counted from 0.
        frames: at most so many, evenly from the times of the path.

    Raises `ConfigError` for another model or other data, a path that is not there, and fewer
    frames than 2.
    """
    check_paths(model, data)
    pairs, told = places_of_bodies(data), predicted(model, data)
    if not pairs or not 0 <= path < len(told.t) or frames < 2:
        raise ConfigError(
            f"{data.name!r} with the channels {', '.join(data.preprocessing.channels) or '(none)'},"
            f" path = {path}, frames = {frames}: expected bodies, whose places are called x_1, y_1 "
            f"and so on, a path from 0 to {len(told.t) - 1}, and 2 frames or more."
        )
    seen = np.isfinite(told.values[path]).all(axis=-1)
    true, rolled = (values[path][seen][:, pairs] for values in (told.values, told.mean))
    steps = np.unique(np.linspace(0, len(true) - 1, frames).round().astype(int))
    colours = [COLOURS[body % len(COLOURS)] for body in range(len(pairs))]
    with style():
        figure, (axes,) = new_figure(height=3.4)
        rings = axes.scatter(
            true[0, :, 0], true[0, :, 1], s=60, facecolors="none", edgecolors=colours, label="true"
        )
        discs = axes.scatter(rolled[0, :, 0], rolled[0, :, 1], s=20, c=colours, label="model")
        tails = LineCollection([], colors=colours, linewidths=0.8, alpha=0.6)
        axes.add_collection(tails, autolim=False)
        axes.set_xlim(*padded(true[..., 0], 0.15))
        axes.set_ylim(*padded(true[..., 1], 0.15))
        axes.set_aspect("equal")
        name_axes(axes, "$x$", "$y$")
        title = axes.set_title("$t$", fontsize=9)
        put_legend(figure, axes)
        settle(figure)
    times = told.t[path][seen]

    def show(frame: int) -> None:
        step = int(steps[frame])
        rings.set_offsets(true[step])
        discs.set_offsets(rolled[step])
        tails.set_segments(list(_along(rolled[max(step - _TAIL, 0) : step + 1])))
        title.set_text(f"$t$ = {times[step]:.2f}")

    return Animation(figure, show, len(steps), [tails, rings, discs, title])


def places_of_bodies(data: Dataset) -> list[list[int]]:
    """The two channels of each body's place, by their names x_1, y_1 and so on; [] without."""
    names = list(data.preprocessing.channels)
    numbers = range(1, len(names) // 2 + 1)
    known = [n for n in numbers if {f"x_{n}", f"y_{n}"} <= set(names)]
    return [[names.index(f"x_{n}"), names.index(f"y_{n}")] for n in known]


def can_draw_bodies(model: AbstractModel, data: Dataset) -> bool:
    """Whether `bodies_animation` fits: channels that are places of bodies, and paths of a model."""
    return data.spec.kind == "series" and bool(places_of_bodies(data)) and tells_paths(model, data)


def _along(places: Float[np.ndarray, "T B 2"]) -> Float[np.ndarray, "B T 2"]:
    return np.moveaxis(places, 1, 0)
