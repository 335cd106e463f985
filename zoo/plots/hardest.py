"""The images that a net thinks about the longest, beside those that it knows at once."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ConfigError
from ..models.base import AbstractModel
from ..tasks import Target
from .cost import Cost, cost_of, has_cost
from .examples import original
from .image_panels import CHANNELS, draw_image, image_shape
from .style import BLACK, VERMILLION, WIDTH, new_figure, style


def hardest_and_easiest(
    model: AbstractModel, data: Dataset, *, columns: int = 5, shape: tuple[int, int] | None = None
) -> Figure:
    """The test images of most and of fewest evaluations (NFE), the extreme ones first.

    Under each: its evaluations, each example solved alone, and what the model takes it for; where
    that is wrong, in colour and with what it is. Among images of equal cost those come first about
    which the model is least sure in the row of the hardest, and most sure in that of the easiest.

    Args:
        model: a classifier with an adaptive solver.
        data: a classification of images, or of a table whose rows are images.
        columns: how many of each kind.
        shape: height and width of an image; not needed for images and
            those in `zoo.plots.image_panels.IMAGES`.

    Raises `ConfigError` for another model, other data, or a shape that does not fit.
    """
    found = image_shape(data)
    shape = shape or (None if found is None else found[:2])
    _check(model, data, columns, shape)
    assert shape is not None
    cost = cost_of(model, data.test["x"])
    solved = np.flatnonzero(np.isfinite(cost.evaluations))
    order = solved[np.lexsort((_margins(cost.outputs[solved]), -cost.evaluations[solved]))]
    rows = {"hardest": order[:columns], "easiest": order[::-1][:columns]}
    images = original(data, data.test["x"])
    with style():
        # Images as wide as their column, and three lines under each.
        height = 2 * (0.85 * WIDTH / columns * shape[0] / shape[1] + 0.6)
        figure, panels = new_figure(2, height, columns=columns, share=False)
        for row, (name, chosen) in enumerate(rows.items()):
            mine = panels[row * columns : (row + 1) * columns]
            for axes, example in zip(mine, chosen, strict=False):
                draw_image(axes, images[example].reshape(*shape, -1), images)
                _label(axes, data, cost, int(example))
            for axes in mine:
                axes.set(xticks=[], yticks=[], frame_on=False)
            mine[0].set_ylabel(name)
    return figure


def can_draw_hardest(model: AbstractModel, data: Dataset) -> bool:
    """Whether `hardest_and_easiest` fits without a shape: an adaptive classifier of images."""
    fits = has_cost(model, data) and data.target is Target.LABELS
    return fits and image_shape(data) is not None


def _check(
    model: AbstractModel, data: Dataset, columns: int, shape: tuple[int, int] | None
) -> None:
    if not has_cost(model, data) or data.target is not Target.LABELS:
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, which serves {', '.join(data.tasks)}: "
            "expected a classifier with an adaptive solver (rtol instead of steps)."
        )
    if shape is None or data.in_size not in [shape[0] * shape[1] * each for each in CHANNELS]:
        raise ConfigError(
            f"shape = {shape}: expected the height and width of an image of {data.name!r}, whose "
            f"product is its {data.in_size} features, or a third of them where it has colours."
        )
    if columns < 1:
        raise ConfigError(f"columns = {columns}: expected 1 or more.")


def _margins(logits: np.ndarray) -> np.ndarray:
    """The largest logit less the next."""
    ordered = np.sort(logits, axis=1)
    return ordered[:, -1] - ordered[:, -2] if ordered.shape[1] > 1 else ordered[:, -1]


def _label(axes: Axes, data: Dataset, cost: Cost, example: int) -> None:
    guess, truth = int(cost.outputs[example].argmax()), int(data.test["y"][example])
    text = f"{cost.evaluations[example]:.0f} NFE\nread as {data.classes[guess]}"
    if guess != truth:
        text += f"\nis {data.classes[truth]}"
    axes.set_xlabel(text, fontsize=8, color=BLACK if guess == truth else VERMILLION, labelpad=2)
