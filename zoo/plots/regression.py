"""The curve that a regression in one dimension has learned, inside its data and beyond them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from ..evaluation import predict
from ..models.base import AbstractModel
from ..tasks import Target, first_with_targets
from .style import BLACK, COLOURS, LINES, name_axes, new_figure, padded, put_legend, style


def regression_fit(
    models: Mapping[str, AbstractModel],
    data: Dataset,
    *,
    interval: tuple[float, float] | None = None,
    target: int = 0,
    points: int = 401,
) -> Figure:
    """Each model's curve among the training points and, where held out, the test points.

    Everything is in original units. What lies beyond the data is shaded: there the models
    extrapolate. The vertical axis holds all points and as much of the curves as lies within three
    times their range; where a prediction is not finite, its curve has a gap.

    Args:
        models: the models by the name that the legend gives them.
        data: a regression with one feature.
        interval: of x, in original units; the data's own, widened by a quarter of its span on
            each side, where not given: [-2, 2] becomes [-3, 3].
        target: which target is drawn, where there are several.
        points: at how many places each model is evaluated.

    Raises `ConfigError` for other data, an empty interval, or a target that is not there.
    """
    _check(models, data, interval, target, points)
    xs, _ = _points(data, target, "train", "val", "test")
    low, high = padded(xs, 0.25) if interval is None else interval
    grid = np.linspace(low, high, points)
    curves = {name: _curve(model, data, grid, target) for name, model in models.items()}
    with style():
        figure, (axes,) = new_figure(height=2.7)
        _draw_points(axes, data, target)
        for i, (name, curve) in enumerate(curves.items()):
            line = LINES[i % len(LINES)]
            axes.plot(grid, curve, color=COLOURS[i % len(COLOURS)], linestyle=line, label=name)
        _shade(axes, (low, float(xs.min())), (float(xs.max()), high))
        axes.set_xlim(low, high)
        axes.set_ylim(*_limits(data, target, curves))
        task = first_with_targets(data.tasks)
        name_axes(axes, "x", task.target_label(data.preprocessing, target) if task else "")
        put_legend(figure, axes)
    return figure


def can_draw_fit(data: Dataset) -> bool:
    """Whether `regression_fit` fits the data: a regression with one feature."""
    x = data.train["x"]
    return data.target is Target.NUMBERS and x.ndim == 2 and x.shape[1] == 1


def _check(
    models: Mapping[str, AbstractModel],
    data: Dataset,
    interval: tuple[float, float] | None,
    target: int,
    points: int,
) -> None:
    if not can_draw_fit(data):
        raise ConfigError(
            f"The data set {data.name!r} serves {', '.join(data.tasks)} with inputs of shape "
            f"{data.train['x'].shape[1:]}: a fit is drawn of a regression with one feature, (1,). "
            "Way out: zoo.evaluate gives its errors as numbers."
        )
    if not isinstance(models, Mapping):
        raise ConfigError(f"models is a {type(models).__name__}: expected {{name: model}}.")
    if interval is not None and not (np.isfinite(interval).all() and interval[0] < interval[1]):
        raise ConfigError(f"interval = {interval}: expected two finite numbers, the lower first.")
    if not 0 <= target < data.target_size:
        raise ConfigError(
            f"target = {target}: the data set {data.name!r} has {data.target_size}, counted from 0."
        )
    if points < 2:
        raise ConfigError(f"points = {points}: expected 2 or more.")


def _points(data: Dataset, target: int, *splits: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of some splits in original units."""
    x = np.concatenate([data.split(name)["x"] for name in splits])
    y = np.concatenate([data.split(name)["y"] for name in splits])
    x = data.x_scale.invert(x) if data.x_scale else x
    return x[:, 0], data.targets(y)[:, target]


def _curve(model: AbstractModel, data: Dataset, grid: np.ndarray, target: int) -> np.ndarray:
    prediction = predict(model, grid[:, None], data=data)[:, target]
    return np.where(np.isfinite(prediction), prediction, np.nan)


def _draw_points(axes: Axes, data: Dataset, target: int) -> None:
    # Many points would make a vector file slow to open.
    shared: dict[str, Any] = {
        "linestyle": "none",
        "markersize": 3.5,
        "rasterized": len(data.train["x"]) > 2000,
    }
    train: dict[str, Any] = {
        "marker": "o",
        "color": "0.6",
        "markeredgewidth": 0,
        "label": "training",
    }
    axes.plot(*_points(data, target, "train"), **shared, **train)
    if data.held_out:
        test: dict[str, Any] = {
            "marker": "x",
            "color": BLACK,
            "markeredgewidth": 0.8,
            "label": "test",
        }
        axes.plot(*_points(data, target, "test"), **shared, **test)


def _shade(axes: Axes, *bands: tuple[float, float]) -> None:
    label: str | None = "beyond the data"
    for low, high in bands:
        if low < high:
            axes.axvspan(low, high, color="0.94", linewidth=0, zorder=0, label=label)
            label = None


def _limits(data: Dataset, target: int, curves: Mapping[str, np.ndarray]) -> tuple[float, float]:
    """The points' range and what lies of the curves within three times of it, and a margin."""
    _, ys = _points(data, target, "train", "val", "test")
    low, high = padded(ys, 1.0)
    shown = [np.clip(curve, low, high) for curve in curves.values()]
    return padded(np.concatenate([ys, *shown]), 0.05)
