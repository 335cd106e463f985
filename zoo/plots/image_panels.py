"""Some test images in rows, what a model makes of them through depth in columns."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from ..models import AbstractODEModel
from .examples import original, shown_targets, spread
from .states import interval
from .style import WIDTH, new_figure

CHANNELS = (1, 3)
"""Grey, or red, green and blue."""
IMAGES = {"digits": (8, 8, 1)}
"""Tables whose rows are images: their height, width and channels."""


def shows_images(model: Any, data: Dataset) -> bool:
    """Whether the data are images that can be drawn, and the model solves an ODE of them."""
    drawable = data.spec.kind == "image" and image_shape(data) is not None
    return isinstance(model, AbstractODEModel) and drawable and "args" not in data.train


def image_shape(data: Dataset) -> tuple[int, int, int] | None:
    """Height, width and channels of the images of a data set; None where they cannot be drawn."""
    shape = data.spec.shapes["x"]
    if data.spec.kind == "image":
        return (shape[0], shape[1], shape[2]) if shape[2] in CHANNELS else None
    return IMAGES.get(data.name)


def state_shape(model: AbstractODEModel, data: Dataset) -> tuple[int, ...]:
    """The shape of one state of the main solve."""
    xs = jnp.asarray(data.test["x"][:1])
    return tuple(eqx.filter_eval_shape(lambda m: m.initial_state(xs), model).shape[1:])


def check_counts(**counts: int) -> None:
    """Raise `ConfigError` for a number of examples or times that is below 2, the fewest to see."""
    for name, count in counts.items():
        if count < 2:
            raise ConfigError(f"{name} = {count}: expected 2 or more.")


def states_of(
    model: AbstractODEModel, data: Dataset, examples: int, times: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Test images of as many classes as can be, the times, and the states [B, T, ...] at these."""
    rows = spread(data, shown_targets(data), examples)
    ts = np.linspace(*interval(model), times)
    states = _at_times(model, jnp.asarray(data.test["x"][rows]), jnp.asarray(ts))
    return original(data, data.test["x"][rows]), ts, np.asarray(states)


@eqx.filter_jit
def _at_times(model: AbstractODEModel, xs: Array, ts: Array) -> Array:
    states: Array = model.trajectory(xs, ts.astype(jnp.result_type(float)))[0]
    return jax.lax.stop_gradient(states)


def panels_of(images: np.ndarray, ts: np.ndarray) -> tuple[Figure, list[list[Axes]]]:
    """A row of axes for each image, which is drawn in the first; one more for each time."""
    columns = len(ts) + 1
    height, width = images.shape[1:3]
    figure, panels = new_figure(
        len(images),
        len(images) * (0.9 * WIDTH / columns * height / width + 0.06) + 0.25,
        columns=columns,
        share=False,
    )
    rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    for row, image in zip(rows, images, strict=True):
        for axes in row:
            axes.set(xticks=[], yticks=[])
        draw_image(row[0], image, images)
    rows[0][0].set_title("input", fontsize=8)
    for axes, t in zip(rows[0][1:], ts, strict=True):
        axes.set_title(f"$t$ = {t:.2g}", fontsize=8)
    return figure, rows


def draw_image(axes: Axes, image: np.ndarray, images: np.ndarray) -> None:
    """An image [H, W, C], dark where grey is large, on the scale of all `images`."""
    low, high = images.min(), images.max()
    if image.shape[2] == 1:
        axes.imshow(image, cmap="gray_r", interpolation="nearest", vmin=low, vmax=high)
    else:  # colours are numbers from 0 to 1
        scaled = (image - low) / (high - low if high > low else 1.0)
        axes.imshow(scaled, interpolation="nearest")
