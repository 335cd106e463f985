"""A figure that needs a model and its data, drawn where it fits them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

from matplotlib.figure import Figure

from ..datasets import Dataset
from ..models.base import AbstractModel
from .animation import Animation

Drawing: TypeAlias = Figure | Animation


class Fitting(NamedTuple):
    """A figure, and whether it fits."""

    fits: Callable[[AbstractModel, Dataset], bool]
    draw: Callable[[AbstractModel, Dataset], Drawing]

    def attempt(self, model: AbstractModel, data: Dataset) -> Drawing | None:
        """The figure; None where it does not fit."""
        return self.draw(model, data) if self.fits(model, data) else None


def attempts_at(
    figures: Mapping[str, Fitting], model: AbstractModel, data: Dataset
) -> dict[str, Callable[[], Drawing | None]]:
    """What draws each figure of a model and data, by name; nothing is asked or drawn yet."""
    return {name: partial(figure.attempt, model, data) for name, figure in figures.items()}
