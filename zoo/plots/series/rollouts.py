"""Rollouts of learned motions by time: how far they are from the true ones, and their energy."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ...tasks.path_task import observed_values
from ...tasks.rollouts import THRESHOLD, Rollouts
from ..style import BLACK, COLOURS, name_axes, new_figure, put_legend, style
from .predicted import Predicted, check_paths, predicted, tells_paths

BINS = 40
"""Equal parts of the longest path, over each of which an error is averaged."""


def rollouts_by_time(
    models: Mapping[str, AbstractModel], data: Dataset, *, path: int = 0
) -> Figure:
    """The error of rollouts of the test series by time, and the energy of one of them.

    Above the root mean square over all paths, in deviations of the training values, with a dashed
    line where a rollout is valid no longer. Below, where data have an energy, that of one path and
    of each model's rollout of it, in the user's units.

    Args:
        models: by name, each of the task dynamics or another one of paths.
        data: what they were trained on.
        path: whose energy is drawn, counted from 0 in the test split's drawn series.

    Raises `ConfigError` for a model without paths, no model, and a path that is not there.
    """
    if not models:
        raise ConfigError("rollouts_by_time got no model: expected one or more, by name.")
    for model in models.values():
        check_paths(model, data)
    told = {name: predicted(model, data) for name, model in models.items()}
    count = len(next(iter(told.values())).t)
    if not 0 <= path < count:
        raise ConfigError(f"path = {path}: expected a test path from 0 to {count - 1}.")
    with style():
        panels = 1 if data.energy is None else 2
        figure, axes = new_figure(panels, 1.6 * panels + 0.5)
        for (name, each), colour in zip(told.items(), COLOURS, strict=False):
            _draw_errors(axes[0], _rolled(each, data), name, colour)
        axes[0].axhline(THRESHOLD, color=BLACK, linewidth=0.6, linestyle="--")
        axes[0].set_yscale("log")
        name_axes(axes[0], "" if panels == 2 else "time", "error")
        if data.energy is not None:
            _draw_energies(axes[1], told, data, path)
            name_axes(axes[1], "time", "energy")
        put_legend(figure, axes[-1])
    return figure


def can_draw_rollouts(model: AbstractModel, data: Dataset) -> bool:
    """Whether `rollouts_by_time` fits: data with an energy, and a model whose outputs are paths."""
    return data.energy is not None and tells_paths(model, data)


def _rolled(told: Predicted, data: Dataset) -> Rollouts:
    train = data.train["x"][np.asarray(observed_values(data.train)).all(axis=-1)]
    unit = np.std(data.preprocessing.raw(train.astype(np.float64)), axis=0)
    return Rollouts(
        t=told.t - told.t[:, :1],
        seen=np.isfinite(told.values).all(axis=-1),
        told=told.mean,
        true=told.values,
        unit=np.where(unit > 0, unit, 1.0),
    )


def _draw_errors(axes: Axes, rolled: Rollouts, name: str, colour: str) -> None:
    """The root mean square of all errors in each part of the longest path."""
    known = np.isfinite(rolled.errors)
    t, errors = rolled.t[known], rolled.errors[known]
    ends = np.linspace(0, rolled.t.max(), BINS + 1)
    place = np.clip(np.searchsorted(ends, t, side="left") - 1, 0, BINS - 1)
    count = np.bincount(place, minlength=BINS)
    square = np.bincount(place, errors**2, BINS)
    there = count > 0
    middle: Float[np.ndarray, " bins"] = (ends[1:] + ends[:-1]) / 2
    axes.plot(
        middle[there],
        np.sqrt(square[there] / count[there]),
        color=colour,
        linewidth=1.1,
        label=name,
    )


def _draw_energies(axes: Axes, told: Mapping[str, Predicted], data: Dataset, path: int) -> None:
    """The energy along one path: what was observed in black, each model's rollout in colour."""
    assert data.energy is not None, "asked before"
    one = next(iter(told.values()))
    seen = np.isfinite(one.values[path]).all(axis=-1)
    true = data.energy(one.values[path][seen])
    axes.plot(one.t[path][seen], true, color=BLACK, linewidth=1.4, label="true")
    for (name, each), colour in zip(told.items(), COLOURS, strict=False):
        energies = data.energy(each.mean[path][seen])
        axes.plot(each.t[path][seen], energies, color=colour, linewidth=0.9, label=name)
    spread = max(float(np.ptp(true)), 0.25 * float(np.abs(true).max()))
    axes.set_ylim(float(true.min()) - 2 * spread, float(true.max()) + 2 * spread)
