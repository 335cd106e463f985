"""What a classifier of the plane believes everywhere, and the points that it is tested on."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from ..evaluate import predict
from .style import BLACK, COLOURS, MARKERS, WIDTH, name_axes, new_figure, padded, put_legend, style


def decision_boundary(model: Any, data: Dataset, *, resolution: int = 150) -> Figure:
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
    test = _original(data, data.test["x"])
    every = np.concatenate([_original(data, data.split(n)["x"]) for n in ("train", "val", "test")])
    spans = [padded(every[:, i], 0.1) for i in range(2)]
    centres = [_centres(low, high, resolution) for low, high in spans]
    probability = _probabilities(model, data, centres)
    ratio = np.diff(spans[1]).item() / np.diff(spans[0]).item()
    equal = 0.4 <= ratio <= 2.5
    with style():
        figure, (axes,) = new_figure(height=_height(ratio if equal else 0.8, len(data.classes)))
        extent = (*spans[0], *spans[1])
        if len(data.classes) == 2:
            _draw_probability(axes, data, probability[..., 1], extent, centres)
        else:
            _draw_regions(axes, probability, extent, centres)
        axes.set_aspect("equal" if equal else "auto")
        _draw_points(axes, data, test)
        axes.set(xlim=spans[0], ylim=spans[1])
        name_axes(axes, "$x_1$", "$x_2$")
        put_legend(figure, axes)
    return figure


def can_draw_boundary(data: Dataset) -> bool:
    """Whether `decision_boundary` fits the data: a classification with two features."""
    x = data.train["x"]
    return "classification" in data.tasks and x.ndim == 2 and x.shape[1] == 2


def _check(data: Dataset, resolution: int) -> None:
    if not can_draw_boundary(data):
        raise ConfigError(
            f"The data set {data.name!r} serves {', '.join(data.tasks)} with inputs of shape "
            f"{data.train['x'].shape[1:]}: a boundary is drawn of a classification with two "
            "features, (2,). Way out: zoo.evaluate gives accuracy and recall by class."
        )
    if resolution < 2:
        raise ConfigError(f"resolution = {resolution}: expected 2 or more.")


def _original(data: Dataset, x: np.ndarray) -> np.ndarray:
    return data.x_scale.invert(x) if data.x_scale else x


def _centres(low: float, high: float, count: int) -> np.ndarray:
    """The middles of `count` equal cells of [low, high]."""
    return low + (np.arange(count) + 0.5) * (high - low) / count


def _probabilities(model: Any, data: Dataset, centres: list[np.ndarray]) -> np.ndarray:
    """[rows, columns, classes], NaN where a logit is not finite."""
    places = np.stack(np.meshgrid(*centres), axis=-1)
    logits = np.asarray(predict(model, places.reshape(-1, 2), data=data, batch_size=512))
    if logits.shape != (places[..., 0].size, len(data.classes)):
        raise ConfigError(
            f"The model gives shape {logits.shape[1:]} for a point: expected a logit for each of "
            f"the {len(data.classes)} classes of {data.name!r}. Is it a model of other data?"
        )
    logits = np.where(np.isfinite(logits).all(axis=1, keepdims=True), logits, np.nan)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).reshape(*places.shape[:2], -1)


def _height(ratio: float, classes: int) -> float:
    """Inches for axes of this height to width, so that little white is left around them."""
    beside = 1.25 if classes == 2 else 0.6  # with or without a bar of colours
    return (WIDTH - beside) * ratio + 0.75


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
    beside = axes.inset_axes((1.04, 0.0, 0.05, 1.0))
    bar = axes.figure.colorbar(image, cax=beside, ticks=[0, 0.5, 1])
    bar.set_label(f"probability of {_class_name(data.classes[1])}")
    bar.outline.set_visible(False)


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


def _draw_points(axes: Axes, data: Dataset, x: np.ndarray) -> None:
    size = float(np.clip(3000 / len(x), 6, 16))
    for i, name in enumerate(data.classes):
        mine = x[data.test["y"] == i]
        axes.scatter(
            mine[:, 0], mine[:, 1], s=size, c=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)], edgecolors="white", linewidths=0.3,
            label=_class_name(name), rasterized=len(x) > 2000,
        )  # fmt: skip


def _class_name(name: Any) -> str:
    return name if isinstance(name, str) else f"class {name}"
