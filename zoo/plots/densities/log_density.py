"""Where in the plane a model finds examples likely, and the points that it is tested on."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...datasets import Dataset
from ...errors import ConfigError
from ...evaluation import predict
from ...models.base import AbstractModel
from ...tasks import Output, Task, task_named
from ..examples import original, put_key, scatter, shown_targets
from ..plane import cells, data_spans, fit_axes, is_planar, plane_height
from ..style import PAGE, WIDTH, new_figure, padded, put_bar, style

# Light enough for points on top.
_GREYS = LinearSegmentedColormap.from_list("log density", ["1.0", "0.35"])
_BELOW = 2.0
"""Nats below the least likely test point at which the scale begins."""


def density_map(model: AbstractModel, data: Dataset, *, resolution: int = 100) -> Figure:
    """The log density of each place of the plane, with the test points on top, in original units.

    Darker is likelier. The scale begins two nats below the test point that the model finds least
    likely; a place where there is no finite number stays white. Where the true density of the data
    is known it stands beside the model's, on the same scale.

    Args:
        model: a model of the density of the data.
        data: data with two features.
        resolution: the model is evaluated at this many places along each axis.

    Raises `ConfigError` for another model or other data, or fewer places than 2.
    """
    task = _check(model, data, resolution)
    spans = data_spans(data)
    places = np.stack(np.meshgrid(*cells(spans, resolution)), axis=-1)
    points = original(data, data.test["x"])
    both = np.concatenate([places.reshape(-1, 2), points])
    values = predict(model, both, data=data, task=task.name, batch_size=512)
    maps = {"model": values[: -len(points)].reshape(places.shape[:2])}
    if data.log_density is not None:
        true = data.log_density(places.reshape(-1, 2).astype(np.float64))
        maps["truth"] = true.reshape(places.shape[:2])
    limits = _limits(maps, values[-len(points) :])
    with style():
        beside = len(maps) > 1
        height, width = plane_height(spans, bar=True), PAGE if beside else WIDTH
        figure, panels = new_figure(height=height, columns=len(maps), width=width)
        for axes, (name, values) in zip(panels, maps.items(), strict=True):
            shown = axes.imshow(
                np.ma.masked_invalid(values), extent=(*spans[0], *spans[1]), origin="lower",
                cmap=_GREYS, vmin=limits[0], vmax=limits[1], interpolation="nearest", aspect="auto",
            )  # fmt: skip
            scatter(axes, data, points, shown_targets(data))
            fit_axes(axes, spans, ("$x_1$", "$x_2$" if axes is panels[0] else ""))
            axes.set_title(name if beside else "", fontsize=9)
        put_bar(panels[-1], shown, task.output_label, ticks=MaxNLocator(6))
        put_key(figure, panels[-1], data, place=1)
    return figure


def _limits(
    maps: Mapping[str, Float[np.ndarray, "H W"]], tested: Float[np.ndarray, " N"]
) -> tuple[float, float]:
    """The ends of the scale of all maps."""
    low = float(np.min(tested, where=np.isfinite(tested), initial=np.inf)) - _BELOW
    values = np.stack(list(maps.values()))
    known = values[np.isfinite(values) & (values > low)]
    return (low, float(known.max())) if known.size else padded(known, 0.0)


def can_draw_density(model: AbstractModel, data: Dataset) -> bool:
    """Whether `density_map` fits: a model of log densities of two features."""
    return _task(model, data) is not None and is_planar(data)


def _task(model: AbstractModel, data: Dataset) -> Task | None:
    """The task in common whose outputs are log densities."""
    common = [task_named(name) for name in data.tasks if name in model.objectives]
    return next((task for task in common if task.output is Output.LOG_DENSITY), None)


def _check(model: AbstractModel, data: Dataset, resolution: int) -> Task:
    task = _task(model, data)
    if task is None or not is_planar(data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, which serves {', '.join(data.tasks)} with "
            f"inputs of shape {data.train['x'].shape[1:]}, has no density of the plane: expected a "
            "model of log densities, and two features, (2,). Way out: zoo.evaluate gives its mean."
        )
    if resolution < 2:
        raise ConfigError(f"resolution = {resolution}: expected 2 or more.")
    return task
