"""Where a transformer looks, from the start of its solve to the end."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..datasets import Dataset
from ..dynamics import TransformerDynamics
from ..errors import ConfigError
from ..nn.patches import patch_count
from .image_panels import check_counts, panels_of, shows_images, state_shape, states_of
from .style import VERMILLION, style


def attention_maps(model: Any, data: Dataset, *, examples: int = 4, times: int = 5) -> Figure:
    """How much of the attention each square of some test images gets, at equally spaced times.

    It is the mean over the heads of the last block and over the tokens that look; darker is more,
    on one scale. The square that gets most is framed. Were all seen alike, all would be one grey.

    Args:
        model: an ODE model whose vector field is a `zoo.dynamics.TransformerDynamics`.
        data: images of one or three channels, of whose squares the tokens are made.
        examples: how many images, of as many classes as can be.
        times: how many times, the first and the last included.

    Raises `ConfigError` for another model, other data, or fewer examples or times than 2.
    """
    if not can_draw_attention(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} ({data.spec}) has no attention to draw: "
            "expected images of one or three channels and an ODE of a transformer of their "
            "squares, such as transformer_odenet."
        )
    check_counts(examples=examples, times=times)
    images, ts, states = states_of(model, data, examples, times)
    shape = _squares(model, data)
    assert shape is not None, "asked above"
    received = _received(model.dynamics, ts, states).reshape(*states.shape[:2], *shape)
    with style():
        figure, rows = panels_of(images, ts)
        for row, of_image in zip(rows, received, strict=True):
            for axes, each in zip(row[1:], of_image, strict=True):
                _draw(axes, each, float(np.nanmax(received)))
    return figure


def can_draw_attention(model: Any, data: Dataset) -> bool:
    """Whether `attention_maps` fits: an ODE of a transformer of the squares of images."""
    if not shows_images(model, data) or not isinstance(model.dynamics, TransformerDynamics):
        return False
    return _squares(model, data) is not None


def _squares(model: Any, data: Dataset) -> tuple[int, int] | None:
    """Rows and columns of the squares that are the tokens; None where these are no such squares."""
    shape, height, width = state_shape(model, data), *data.spec.shapes["x"][:2]
    if len(shape) == 3:  # the field cuts the state itself
        patch = model.dynamics.patch
        return -(-shape[0] // patch), -(-shape[1] // patch)
    sides = range(1, max(height, width) + 1)
    side = next((s for s in sides if patch_count(height, width, s) == shape[0]), None)
    return None if side is None else (-(-height // side), -(-width // side))


def _received(
    dynamics: TransformerDynamics, ts: np.ndarray, states: Float[np.ndarray, "B T ..."]
) -> Float[np.ndarray, "B T tokens"]:
    """What each token gets of the attention in the last block; they add up to 1."""
    at_time = [
        dynamics.attention(jnp.asarray(t, states.dtype), jnp.asarray(ys))[:, -1].mean(axis=(1, 2))
        for t, ys in zip(ts, states.swapaxes(0, 1), strict=True)
    ]
    return np.stack(at_time, axis=1)


def _draw(axes: Axes, received: np.ndarray, most: float) -> None:
    axes.imshow(received, cmap="gray_r", vmin=0, vmax=most, interpolation="nearest")
    if np.isfinite(received).all():
        row, column = np.unravel_index(received.argmax(), received.shape)
        corner = (float(column) - 0.5, float(row) - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=VERMILLION, linewidth=1))
