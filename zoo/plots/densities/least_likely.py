"""The test examples that a model finds least likely, and what is odd about them."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..examples import original
from ..image_panels import draw_image, image_shape
from ..style import PAGE, WIDTH, new_figure, put_bar, style
from .drawn import check_count, density_for, is_density
from .names import column_names
from .scores import scores_of

_REACH = 4.0
"""Standard deviations at which the colours of a table end."""
_TURNED: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
_MARKUP = str.maketrans("", "", "$_{}\\")
_WORDS = 10
"""Columns up to which each cell holds its number."""


def least_likely(model: AbstractModel, data: Dataset, *, examples: int = 8) -> Figure:
    """The least likely test examples, the oddest first, with their log density in nats.

    Of a table a row each: the colour of a cell is how many standard deviations of the training rows
    it lies above their mean, or below; up to ten columns it holds the number itself, in the user's
    units. A row without a strong colour is odd in how its columns go together. Of images the least
    likely ones above, and below the likeliest for comparison. Rows are counted from 0.

    Args:
        model: a density.
        data: what it was trained on: a table, or images of one or three channels.
        examples: how many.

    Raises `ConfigError` for another model or other data, and for no example.
    """
    fits, needs = can_draw_least_likely(model, data), "a table, or images of one or three channels"
    density = density_for(fits, model, data, "least likely examples", needs)
    check_count("examples", examples)
    scores = scores_of(density, data).model
    order = np.argsort(scores, kind="stable")[: np.isfinite(scores).sum()]
    shape = image_shape(data)
    if shape is not None:
        return _images(data, scores, order, examples, shape)
    return _table(data, scores, order[:examples])


def can_draw_least_likely(model: AbstractModel, data: Dataset) -> bool:
    """Whether `least_likely` fits: a density of a table or of images."""
    shown = data.train["x"].ndim == 2 or image_shape(data) is not None
    return is_density(model, data) and shown


def _table(data: Dataset, scores: Float[np.ndarray, " N"], rows: Int[np.ndarray, " n"]) -> Figure:
    train = original(data, data.train["x"]).astype(np.float64)
    mean, std = train.mean(axis=0), train.std(axis=0)
    values = original(data, data.test["x"][rows])
    deviations = (values - mean) / np.where(std > 0, std, 1.0)
    names = column_names(data)
    with style():
        width = PAGE if len(names) > 3 else WIDTH
        longest = 0.065 * max(len(name.translate(_MARKUP)) for name in names)
        turned = longest > 0.8 * (width - 2.2) / len(names)
        height = 0.6 + (0.7 * longest if turned else 0.0) + 0.26 * len(rows)
        figure, (axes,) = new_figure(height=height, width=width)
        shown = axes.imshow(
            deviations, cmap="RdBu_r", vmin=-_REACH, vmax=_REACH, aspect="auto",
            interpolation="nearest",
        )  # fmt: skip
        if len(names) <= _WORDS:
            _write(axes, values, deviations)
        axes.set_xticks(range(len(names)), names, **(_TURNED if turned else {}))
        told = [f"test row {row}: {scores[row]:.1f} nats" for row in rows]
        axes.set_yticks(range(len(rows)), told)
        axes.tick_params(length=0, labelsize=8)
        put_bar(axes, shown, "std from the mean", ticks=[-4, -2, 0, 2, 4], extend="both")
    return figure


def _write(
    axes: Axes, values: Float[np.ndarray, "n D"], deviations: Float[np.ndarray, "n D"]
) -> None:
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if abs(deviations[row, column]) > 0.6 * _REACH else "black"
        axes.text(
            column, row, f"{value:.4g}", ha="center", va="center", fontsize=7, color=colour
        )  # fmt: skip


def _images(
    data: Dataset,
    scores: Float[np.ndarray, " N"],
    order: Int[np.ndarray, " N"],
    examples: int,
    shape: tuple[int, int, int],
) -> Figure:
    images = original(data, np.asarray(data.test["x"]))
    rows = {"least likely": order[:examples], "likeliest": order[::-1][:examples]}
    with style():
        height = 2 * (0.9 * (PAGE - 0.5) / examples * shape[0] / shape[1] + 0.25) + 0.3
        figure, panels = new_figure(2, height, columns=examples, width=PAGE, share=False)
        for place, (name, chosen) in enumerate(rows.items()):
            mine = panels[place * examples : (place + 1) * examples]
            for axes, example in zip(mine, chosen, strict=False):
                draw_image(axes, images[example].reshape(shape), images)
                axes.set_xlabel(f"{scores[example]:.1f}", fontsize=8, labelpad=2)
            for axes in mine:
                axes.set(xticks=[], yticks=[])
            mine[0].set_ylabel(name)
        figure.supxlabel("log density (nats)", fontsize=8)
    return figure
