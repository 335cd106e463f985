"""The course of a training run: loss, metric and cost over the steps."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..errors import ConfigError
from ..train.watch.growth import TIMES, GrowthWatch
from .style import (
    BLACK,
    BLUE,
    VERMILLION,
    name_axes,
    new_figure,
    padded,
    place_legend,
    scale_log,
    style,
)

Rows = Sequence[Mapping[str, Any]]
# What a row holds besides its metrics.
_NOT_METRICS = {"step", "loss", "nfe", "failed", "skipped", "lr"}
# Fewer steps are legible as they are.
_SMOOTH_ABOVE = 100


@runtime_checkable
class Records(Protocol):
    """Rows of numbers by name, one a step and one an evaluation, as `zoo.fit` keeps them."""

    @property
    def train(self) -> Rows:
        """One row a step: `step`, `loss`, `nfe`, `skipped` and metrics."""

    @property
    def val(self) -> Rows:
        """One row an evaluation on the validation split."""


def training_curves(history: Records) -> Figure:
    """Loss, metrics and evaluations per example over the steps, in panels that share them.

    Training steps are a light line and, where there are more than 100, their running mean a strong
    one; evaluations on the validation split are points. The loss has a logarithmic scale where it
    is positive and spans a factor of 5 or more; steps that were skipped are ticks at its foot. The
    step of which training warns, since it needed more than ten times the median of evaluations, is
    a triangle, and that bound a dotted line up to it. A metric that is the loss itself has no panel
    of its own, nor has a cost that nobody knows.

    Args:
        history: `result.history` of `zoo.fit`, or anything with such rows.

    Raises `ConfigError` for a history without a single row.
    """
    if not history.train and not history.val:
        raise ConfigError("The history has no rows: expected those of a run of one step or more.")
    names = _panels(history)
    with style():
        figure, panels = new_figure(rows=len(names), height=1.0 + 1.25 * len(names))
        for axes, (name, label) in zip(panels, names.items(), strict=True):
            _draw_column(axes, history, name)
            name_axes(axes, "", label)
        _scale_loss(panels[0], history)
        _mark_skipped(panels[0], history.train)
        handles = panels[0].get_legend_handles_labels()[0]
        if "nfe" in names:
            _scale_evaluations(panels[-1], history)
            handles += _mark_growth(panels[-1], history.train)
        steps = np.concatenate([_column(history.train, "step"), _column(history.val, "step")])
        panels[-1].set_xlim(*padded(steps, 0.02))
        panels[-1].xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        panels[-1].set_xlabel("step")
        figure.align_ylabels(panels)
        place_legend(figure, handles)
    return figure


def _panels(history: Records) -> dict[str, str]:
    """The columns that are worth a panel, each with the name of its axis."""
    rows = [*history.train, *history.val]
    metrics = dict.fromkeys(name for row in rows for name in row if name not in _NOT_METRICS)
    loss = _column(rows, "loss")
    shown = {"loss": "loss"}
    for name in metrics:
        values = _column(rows, name)
        if np.isfinite(values).any() and not np.array_equal(values, loss, equal_nan=True):
            shown[name] = name.replace("_", " ")
    if np.isfinite(_column(rows, "nfe")).any():
        shown["nfe"] = "evaluations\nper example"
    return shown


def _column(rows: Rows, name: str) -> np.ndarray:
    """A column's numbers; NaN where a row has none, so that a line has a gap there."""
    values = [row.get(name) for row in rows]
    numbers = np.array([np.nan if v is None else v for v in values], np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _scale_loss(axes: Axes, history: Records) -> None:
    losses = _column([*history.train, *history.val], "loss")
    if not (losses <= 0).any():
        scale_log(axes.yaxis, losses)


def _scale_evaluations(axes: Axes, history: Records) -> None:
    """Whole numbers; a discrete model's constant depth has some room around it."""
    values = _column([*history.train, *history.val], "nfe")
    if np.nanmin(values) == np.nanmax(values):
        axes.set_ylim(*padded(values, 1.0))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _draw_column(axes: Axes, history: Records, name: str) -> None:
    steps, values = _column(history.train, "step"), _column(history.train, name)
    smooth = len(steps) > _SMOOTH_ABOVE
    if len(steps):
        raw: dict[str, Any] = {"linewidth": 0.6, "alpha": 0.45} if smooth else {"linewidth": 1.0}
        axes.plot(steps, values, color=BLUE, label="training", **raw)
    if smooth:
        window = 2 * (len(steps) // 100) + 3
        mean = _running_mean(values, window)
        axes.plot(steps, mean, color=BLUE, label=f"mean of {window} steps")
    if history.val:
        val: dict[str, Any] = {
            "marker": "o",
            "markersize": 3,
            "linewidth": 0.8,
            "color": VERMILLION,
        }
        axes.plot(
            _column(history.val, "step"), _column(history.val, name), label="validation", **val
        )


def _running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of the finite values within half a window of each, NaN where there are none."""
    known, ones = np.isfinite(values), np.ones(window)
    total = np.convolve(np.where(known, values, 0), ones, mode="same")
    count = np.convolve(known, ones, mode="same")
    return np.where(count > 0.5, total / np.maximum(count, 1), np.nan)


def _mark_skipped(axes: Axes, rows: Rows) -> None:
    steps = _column([row for row in rows if row.get("skipped")], "step")
    if len(steps):
        foot = axes.get_xaxis_transform()
        marks: dict[str, Any] = {
            "linestyle": "none",
            "marker": "|",
            "markersize": 6,
            "color": BLACK,
        }
        axes.plot(steps, np.full(len(steps), 0.04), transform=foot, label="skipped step", **marks)


def _mark_growth(axes: Axes, rows: Rows) -> list[Artist]:
    """What `zoo.train.watch.growth` finds in a run, as handles of a legend, if it finds any."""
    steps = _column(rows, "step")
    grown = GrowthWatch().see(_column(rows, "nfe"), 0)
    if grown is None:
        return []
    at, bound = steps[grown.step], TIMES * grown.usual
    look: dict[str, Any] = {"color": BLACK, "linestyle": "none", "marker": "v", "markersize": 5}
    (mark,) = axes.plot([at], [grown.nfe], label=f"above {TIMES} medians", **look)
    axes.plot([steps[0], at], [bound, bound], color=BLACK, linewidth=0.8, linestyle=":")
    return [mark]
