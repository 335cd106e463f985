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
from .animation import Animation, save_animation
from .boundary import can_draw_boundary, decision_boundary
from .depth import state_against_depth
from .effort import can_draw_effort, effort_map
from .field import can_draw_field, vector_field
from .flow import can_draw_flow, flow_animation
from .hardest import can_draw_hardest, hardest_and_easiest
from .lift import can_draw_lift, lift_in_space
from .regression import can_draw_fit, regression_fit
from .states import can_follow
from .steps import can_draw_steps, step_sizes
from .style import check_format, save_figure
from .training import Records, training_curves

T = TypeVar("T")


Drawing = Figure | Animation


def all_figures(
    model: Any, data: Dataset, history: Records | None, task: str
) -> dict[str, Drawing]:
    """Every figure that fits, by name.

    `fit` for a regression with one feature, `boundary` for a classification with two, `depth` for
    a model that has states, `field` for an ODE of the plane, `effort` and `hardest` where examples
    can differ in what they cost, `steps` for an adaptive ODE, `flow` (an animation) and `lift` for
    ODEs of points of the plane, `training` where there is a history. One that cannot be drawn is
    left out, with a warning.

    Args:
        model: the trained model.
        data: what it was trained on.
        history: of its training, or None.
        task: what it was trained for.
    """
    name = type(model).__name__
    regression, classes = task == "regression", task == "classification"
    fitting: dict[str, tuple[bool, Callable[[], Drawing]]] = {
        "fit": (regression and can_draw_fit(data), lambda: regression_fit({name: model}, data)),
        "boundary": (classes and can_draw_boundary(data), lambda: decision_boundary(model, data)),
        "depth": (can_follow(model, data), lambda: state_against_depth({name: model}, data)),
        "field": (can_draw_field(model, data), lambda: vector_field(model, data)),
        "effort": (can_draw_effort(model, data), lambda: effort_map(model, data)),
        "hardest": (
            classes and can_draw_hardest(model, data),
            lambda: hardest_and_easiest(model, data),
        ),
        "steps": (can_draw_steps(model, data), lambda: step_sizes(model, data)),
        "flow": (can_draw_flow(model, data), lambda: flow_animation(model, data)),
        "lift": (can_draw_lift(model, data), lambda: lift_in_space(model, data)),
    }
    drawings = {each: draw for each, (fits, draw) in fitting.items() if fits}
    if history is not None and (history.train or history.val):
        drawings["training"] = lambda: training_curves(history)
    return _attempt("drawn", drawings)


def write_figures(
    folder: str | PathLike[str], figures: Mapping[str, Drawing], format: str = "png"
) -> list[Path]:
    """Write figures into a folder, each under its name, and return the paths of those written.

    One that cannot be written is left out, with a warning. An animation is a GIF in any format.

    Args:
        folder: made where there is none.
        figures: what `all_figures` returns.
        format: png, svg or pdf.

    Raises `ConfigError` for another format, before anything is written.
    """
    check_format(format)
    savings: dict[str, Callable[[], Path]] = {}
    for name, figure in figures.items():
        if isinstance(figure, Animation):
            savings[name] = partial(save_animation, figure, Path(folder) / f"{name}.gif")
        else:
            savings[name] = partial(save_figure, figure, Path(folder) / f"{name}.{format}")
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
