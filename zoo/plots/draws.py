"""Draws from a density: images in a square, or the points of a plane."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ..errors import ConfigError
from .image_panels import CHANNELS, draw_image
from .plane import fit_axes, plane_height, spans_of
from .style import BLUE, PAGE, new_figure, style

MOST_IMAGES = 100
"""Images that a figure shows, the first of all."""


def check_drawable(shape: tuple[int, ...]) -> None:
    """Raise `ConfigError` for draws of a shape, without the batch axis, that are no picture."""
    if shape == (2,) or (len(shape) == 3 and shape[2] in CHANNELS):
        return
    raise ConfigError(
        f"Draws of shape {shape} are no picture: expected two numbers, (2,), or images of one or "
        "three channels. Name a .csv or .npz file, or use zoo plot."
    )


def draws_figure(x: np.ndarray, names: Sequence[str] = ()) -> Figure:
    """The first hundred images [n, H, W, C] in a square, or all points [n, 2] of a plane.

    Args:
        x: draws in the user's units; one that failed is NaN and left out.
        names: of the two axes of a plane.

    Raises `ConfigError` for draws of another shape, or of which none is finite.
    """
    check_drawable(x.shape[1:])
    solved = x[np.isfinite(x).reshape(len(x), -1).all(axis=1)]
    if not len(solved):
        raise ConfigError(f"None of {len(x)} draws is finite: there is nothing to draw.")
    with style():
        return _points(solved, names) if x.ndim == 2 else _images(solved[:MOST_IMAGES])


def _points(x: np.ndarray, names: Sequence[str]) -> Figure:
    spans = spans_of(x)
    figure, (axes,) = new_figure(height=plane_height(spans, bar=False))
    axes.scatter(x[:, 0], x[:, 1], s=3.0, color=BLUE, alpha=0.5, linewidths=0, rasterized=True)
    first, second = names or ("$x_1$", "$x_2$")
    fit_axes(axes, spans, (first, second))
    return figure


def _images(x: np.ndarray) -> Figure:
    columns = math.ceil(math.sqrt(len(x)))
    rows = math.ceil(len(x) / columns)
    height = PAGE * rows / columns * x.shape[1] / x.shape[2]
    figure, panels = new_figure(rows, height, columns=columns, width=PAGE, share=False)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01)  # type: ignore[union-attr,call-arg]
    for axes in panels:
        axes.set_axis_off()
    for axes, image in zip(panels, x, strict=False):
        draw_image(axes, image, x)
    return figure
