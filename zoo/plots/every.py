"""Every figure that fits a model and its data, none of which can end a training run."""

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import ZooWarning
from .boundary import can_draw_boundary, decision_boundary
from .regression import can_draw_fit, regression_fit
from .style import check_format, save_figure
from .training import Records, training_curves

T = TypeVar("T")


def all_figures(model: Any, data: Dataset, history: Records | None, task: str) -> dict[str, Figure]:
    """Every figure that fits, by name.

    `fit` for a regression with one feature, `boundary` for a classification with two, `training`
    where there is a history. One that cannot be drawn is left out, with a warning.

    Args:
        model: the trained model.
        data: what it was trained on.
        history: of its training, or None.
        task: what it was trained for.
    """
    drawings: dict[str, Callable[[], Figure]] = {}
    if task == "regression" and can_draw_fit(data):
        drawings["fit"] = lambda: regression_fit({type(model).__name__: model}, data)
    if task == "classification" and can_draw_boundary(data):
        drawings["boundary"] = lambda: decision_boundary(model, data)
    if history is not None and (history.train or history.val):
        drawings["training"] = lambda: training_curves(history)
    return _attempt("drawn", drawings)


def write_figures(
    folder: str | PathLike[str], figures: Mapping[str, Figure], format: str = "png"
) -> list[Path]:
    """Write figures into a folder, each under its name, and return the paths of those written.

    One that cannot be written is left out, with a warning.

    Args:
        folder: made where there is none.
        figures: what `all_figures` returns.
        format: png, svg or pdf.

    Raises `ConfigError` for another format, before anything is written.
    """
    check_format(format)
    paths = {name: Path(folder) / f"{name}.{format}" for name in figures}
    savings = {name: partial(save_figure, f, paths[name]) for name, f in figures.items()}
    return list(_attempt("written", savings).values())


def _attempt(done: str, actions: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """What each action returns; a warning for each that fails."""
    results = {}
    for name, action in actions.items():
        try:
            results[name] = action()
        # Whatever goes wrong in a figure, the hours of training before it must not be lost.
        except Exception as error:
            words = f"figure {name!r} could not be {done}: {str(error) or type(error).__name__}"
            warnings.warn(words, ZooWarning, stacklevel=3)
    return results
