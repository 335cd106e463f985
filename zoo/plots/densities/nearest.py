"""Draws beside the training images that they are nearest to: what was learned by heart is seen."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..examples import original
from ..image_panels import draw_image, image_shape
from ..style import PAGE, new_figure, style
from .drawn import check_count, density_for, draw, is_density

_TESTED = 500
"""Test images whose distance to the nearest training image is the measure."""


def nearest_images(model: AbstractModel, data: Dataset, *, columns: int = 8) -> Figure:
    """Draws, and under each the training image that is nearest to it in Euclidean distance.

    The number under a pair is their distance over the median distance of a test image from its own
    nearest training image. About 1 is as new as a test image; near 0 the model has copied.

    Args:
        model: a density of images.
        data: what it was trained on: images of one or three channels, or a table of them.
        columns: how many draws.

    Raises `ConfigError` for another model or other data, and for no column.
    """
    fits = can_draw_nearest(model, data)
    density = density_for(fits, model, data, "nearest images", "images of one or three channels")
    check_count("columns", columns)
    shape = image_shape(data)
    assert shape is not None, "asked above"
    draws = draw(density, data, columns).values
    train = original(data, np.asarray(data.train["x"]))
    places, distances = nearest_rows(draws, train)
    _, usual = nearest_rows(original(data, np.asarray(data.test["x"][:_TESTED])), train)
    ratios = distances / np.median(usual)
    with style():
        height = 2 * (0.9 * (PAGE - 0.5) / columns * shape[0] / shape[1]) + 0.55
        figure, panels = new_figure(2, height, columns=columns, width=PAGE, share=False)
        for column in range(columns):
            above, below = panels[column], panels[columns + column]
            draw_image(above, draws[column].reshape(shape), train)
            draw_image(below, train[places[column]].reshape(shape), train)
            below.set_xlabel(f"{ratios[column]:.2f}", fontsize=8)
        for axes in panels:
            axes.set(xticks=[], yticks=[])
        panels[0].set_ylabel("draw")
        panels[columns].set_ylabel("nearest")
        figure.supxlabel("distance / median of test images to their nearest", fontsize=8)
    return figure


def can_draw_nearest(model: AbstractModel, data: Dataset) -> bool:
    """Whether `nearest_images` fits: a density of images."""
    return is_density(model, data) and image_shape(data) is not None


def nearest_rows(
    rows: Float[np.ndarray, "n ..."], among: Float[np.ndarray, "N ..."]
) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """The place of the nearest of `among` to each of the rows, [n], and its distance, [n].

    The distance of a row that is not finite is NaN.
    """
    flat, others = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (rows, among))
    squares = (others**2).sum(axis=1) - 2 * flat @ others.T
    places = np.where(np.isnan(squares), np.inf, squares).argmin(axis=1)
    return places, np.linalg.norm(flat - others[places], axis=1)
