"""States that are images, at several depths."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from .image_panels import check_counts, panels_of, shows_images, state_shape, states_of
from .style import style


def state_maps(model: Any, data: Dataset, *, examples: int = 4, times: int = 5) -> Figure:
    """The states of some test images at equally spaced times, each as a map of its pixels.

    Where a state has several channels, a map is their first principal component over all pixels
    and times that are drawn, on one scale.

    Args:
        model: an ODE model whose main solve is of images [height, width, channels].
        data: images of one or three channels.
        examples: how many images, of as many classes as can be.
        times: how many times, the first and the last included.

    Raises `ConfigError` for another model, other data, or fewer examples or times than 2.
    """
    if not can_draw_maps(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} ({data.spec}) has no states that are images: "
            "expected images of one or three channels and an ODE model with a state [height, "
            "width, channels], such as conv_odenet."
        )
    check_counts(examples=examples, times=times)
    images, ts, states = states_of(model, data, examples, times)
    maps = _main_component(states)
    with style():
        figure, rows = panels_of(images, ts)
        reach = float(np.nanmax(np.abs(maps)))
        for row, of_image in zip(rows, maps, strict=True):
            for axes, each in zip(row[1:], of_image, strict=True):
                axes.imshow(each, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
    return figure


def can_draw_maps(model: Any, data: Dataset) -> bool:
    """Whether `state_maps` fits: images whose states are images too."""
    return shows_images(model, data) and len(state_shape(model, data)) == 3


def _main_component(states: Float[np.ndarray, "B T H W C"]) -> Float[np.ndarray, "B T H W"]:
    """The first principal component of the channels, about their mean."""
    pixels = states.reshape(-1, states.shape[-1]).astype(np.float64)
    solved = pixels[np.isfinite(pixels).all(axis=1)]
    centred = solved - solved.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axis = axes[:, np.argmax(values)]
    return (states - solved.mean(axis=0)) @ (axis if axis.sum() >= 0 else -axis)
