"""Noise becoming images."""

import numpy as np
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..examples import original
from ..image_panels import draw_image, image_shape
from ..style import PAGE, new_figure, style
from .drawn import check_count, density_for, is_density, paths_of


def images_from_noise(
    model: AbstractModel, data: Dataset, *, examples: int = 4, times: int = 8
) -> Figure:
    """Some draws, a row each, at equally spaced times from the base on the left to data.

    All are on the scale of the training images; what lies beyond it is as dark, or as light, as its
    end.

    Args:
        model: a density of images.
        data: what it was trained on: images of one or three channels, or a table of them.
        examples: how many draws, up to 200.
        times: how many times, the first and the last included.

    Raises `ConfigError` for another model or other data, no example, or fewer times than 2.
    """
    fits = can_draw_images_of_noise(model, data)
    density = density_for(fits, model, data, "images", "images of one or three channels")
    check_count("examples", examples)
    check_count("times", times, 2)
    shape = image_shape(data)
    assert shape is not None, "asked above"
    paths = paths_of(density, data)
    chosen = np.linspace(0, len(paths.names) - 1, times).round().astype(int)
    train = original(data, np.asarray(data.train["x"][:500]))
    with style():
        height = examples * 0.95 * PAGE / times * shape[0] / shape[1] + 0.3
        figure, panels = new_figure(examples, height, columns=times, width=PAGE, share=False)
        for place, axes in enumerate(panels):
            at = chosen[place % times]
            draw_image(axes, paths.shown[place // times, at].reshape(shape), train)
            axes.set(xticks=[], yticks=[])
        for axes, at in zip(panels[:times], chosen, strict=True):
            axes.set_title(paths.names[at], fontsize=8)
    return figure


def can_draw_images_of_noise(model: AbstractModel, data: Dataset) -> bool:
    """Whether `images_from_noise` fits: a density of images."""
    return is_density(model, data) and image_shape(data) is not None
