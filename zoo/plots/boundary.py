"""What a classifier of the plane believes everywhere, and the points that it is tested on."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from ..evaluation import predict
from ..models.base import AbstractModel
from ..tasks import Target
from .cost import BATCH
from .examples import class_name, original, scatter
from .plane import cells, data_spans, fit_axes, is_planar, plane_height
from .style import BLACK, COLOURS, new_figure, put_bar, put_legend, style


def decision_boundary(model: AbstractModel, data: Dataset, *, resolution: int = 250) -> Figure:
    """The classes' regions in the plane, with the test points on top, in original units.

    Of two classes: the probability of the second one as colour, and the line where it is 0.5. Of
    more: the likeliest one. A place where the model gives no finite number stays white. A unit is
    as long on both axes, unless the data are more than 2.5 times as long as wide.

    Args:
        model: a classifier of the data.
        data: a classification with two features.
        resolution: the model is evaluated at this many places along each axis.

    Raises `ConfigError` for other data, or a model that gives no logit for each class.
    """
    _check(data, resolution)
    spans = data_spans(data)
    centres = cells(spans, resolution)
    probability = _probabilities(model, data, centres)
    two = len(data.classes) == 2
    with style():
        figure, (axes,) = new_figure(height=plane_height(spans, bar=two))
        extent = (*spans[0], *spans[1])
        if two:
            _draw_probability(axes, data, probability[..., 1], extent, centres)
        else:
            _draw_regions(axes, probability, extent, centres)
        scatter(axes, data, original(data, data.test["x"]), data.test["y"])
        fit_axes(axes, spans, ("$x_1$", "$x_2$"))
        put_legend(figure, axes)
    return figure


def can_draw_boundary(data: Dataset) -> bool:
    """Whether `decision_boundary` fits the data: a classification with two features."""
    return data.target is Target.LABELS and is_planar(data)


def _check(data: Dataset, resolution: int) -> None:
    if not can_draw_boundary(data):
        raise ConfigError(
            f"The data set {data.name!r} serves {', '.join(data.tasks)} with inputs of shape "
            f"{data.train['x'].shape[1:]}: a boundary is drawn of a classification with two "
            "features, (2,). Way out: zoo.evaluate gives accuracy and recall by class."
        )
    if resolution < 2:
        raise ConfigError(f"resolution = {resolution}: expected 2 or more.")


def _probabilities(model: AbstractModel, data: Dataset, centres: list[np.ndarray]) -> np.ndarray:
    """[rows, columns, classes], NaN where a logit is not finite."""
    from scipy.special import softmax  # a tenth of the time that importing the zoo takes

    places = np.stack(np.meshgrid(*centres), axis=-1)
    logits = np.asarray(predict(model, places.reshape(-1, 2), data=data, batch_size=BATCH))
    if logits.shape != (places[..., 0].size, len(data.classes)):
        raise ConfigError(
            f"The model gives shape {logits.shape[1:]} for a point: expected a logit for each of "
            f"the {len(data.classes)} classes of {data.name!r}. Is it a model of other data?"
        )
    logits = np.where(np.isfinite(logits).all(axis=1, keepdims=True), logits, np.nan)
    return softmax(logits, axis=1).reshape(*places.shape[:2], -1)


def _pale(colour: str, share: float = 0.45) -> tuple[float, float, float]:
    """The colour mixed with white: points of the full colour stand out from it."""
    red, green, blue = (1 - share * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def _draw_probability(
    axes: Axes, data: Dataset, probability: np.ndarray, extent: Any, centres: list[np.ndarray]
) -> None:
    ends = [_pale(COLOURS[0]), (1.0, 1.0, 1.0), _pale(COLOURS[1])]
    colours = LinearSegmentedColormap.from_list("two classes", ends)
    image = axes.imshow(
        probability, extent=extent, origin="lower", cmap=colours, vmin=0, vmax=1, aspect="auto"
    )
    _draw_line(axes, centres, probability, 0.5)
    put_bar(axes, image, f"probability of {class_name(data.classes[1])}", ticks=[0, 0.5, 1])


def _draw_regions(
    axes: Axes, probability: np.ndarray, extent: Any, centres: list[np.ndarray]
) -> None:
    known = np.isfinite(probability).all(axis=-1)
    likeliest = np.ma.masked_where(~known, np.argmax(np.nan_to_num(probability), axis=-1))
    colours = ListedColormap(
        [_pale(COLOURS[i % len(COLOURS)]) for i in range(probability.shape[-1])]
    )
    limits = {"vmin": -0.5, "vmax": probability.shape[-1] - 0.5}
    axes.imshow(
        likeliest, extent=extent, origin="lower", cmap=colours, interpolation="nearest",
        aspect="auto", **limits,
    )  # fmt: skip
    for i in range(probability.shape[-1]):
        others = np.delete(probability, i, axis=-1).max(axis=-1, initial=0)
        _draw_line(axes, centres, probability[..., i] - others, 0.0)


def _draw_line(axes: Axes, centres: list[np.ndarray], values: np.ndarray, level: float) -> None:
    # Matplotlib warns of a level that is nowhere reached.
    if (values < level).any() and (values > level).any():
        axes.contour(*centres, values, levels=[level], colors=BLACK, linewidths=0.9)
