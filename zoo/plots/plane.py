"""The plane of a data set with two features: which part is drawn, and how large."""

import numpy as np
from matplotlib.axes import Axes

from ..datasets import Dataset
from .examples import original
from .style import WIDTH, name_axes, padded

Spans = list[tuple[float, float]]


def is_planar(data: Dataset) -> bool:
    """Whether the inputs are points of a plane, and the same model serves all of them."""
    x = data.train["x"]
    return x.ndim == 2 and x.shape[1] == 2 and "args" not in data.train


def spans_of(points: np.ndarray, share: float = 0.1) -> Spans:
    """The ranges of points [..., 2] along both axes, widened by a share on each side."""
    return [padded(points[..., i], share) for i in range(2)]


def data_spans(data: Dataset) -> Spans:
    """The part of the plane that holds all points of a data set, in original units."""
    splits = [original(data, data.split(name)["x"]) for name in ("train", "val", "test")]
    return spans_of(np.concatenate(splits))


def cells(spans: Spans, count: int) -> list[np.ndarray]:
    """The middles of `count` equal cells of each span."""
    steps = np.arange(count) + 0.5
    return [low + steps * (high - low) / count for low, high in spans]


def ratio_of(spans: Spans) -> float:
    """Height to width of the axes: that of the spans, unless it is above 2.5 or below 0.4."""
    ratio = np.diff(spans[1]).item() / np.diff(spans[0]).item()
    return ratio if 0.4 <= ratio <= 2.5 else 0.8


def fit_axes(axes: Axes, spans: Spans, names: tuple[str, str]) -> None:
    """Limits and names; a unit is as long on both axes, unless `ratio_of` says otherwise."""
    even = ratio_of(spans) == np.diff(spans[1]).item() / np.diff(spans[0]).item()
    axes.set_aspect("equal" if even else "auto")
    axes.set(xlim=spans[0], ylim=spans[1])
    name_axes(axes, *names)


def plane_height(spans: Spans, bar: bool) -> float:
    """Inches of a figure of one column, so that little white is left around its axes."""
    beside = 1.25 if bar else 0.6
    return (WIDTH - beside) * ratio_of(spans) + 0.75
