"""Every figure that fits a model and its data: one that cannot be drawn ends nothing."""

from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from pathlib import Path

from ..datasets import Dataset
from ..errors import OutputError
from ..models.base import AbstractModel
from ..tasks import Output, task_named
from . import densities, stochastic
from .animation import Animation, save_animation
from .attention import attention_maps, can_draw_attention
from .boundary import can_draw_boundary, decision_boundary
from .depth import state_against_depth
from .effort import can_draw_effort, effort_map
from .effort_by_class import can_draw_effort_by_class, effort_by_class
from .failures import attempt_all
from .field import can_draw_field, vector_field
from .fields import can_draw_fields, space_time, spectra
from .fitting import Drawing, Fitting, attempts_at
from .flow import can_draw_flow, flow_animation
from .hardest import can_draw_hardest, hardest_and_easiest
from .lift import can_draw_lift, lift_in_space
from .maps import can_draw_maps, state_maps
from .regression import can_draw_fit, regression_fit
from .series import (
    bodies_animation,
    can_draw_bands,
    can_draw_bodies,
    can_draw_control,
    can_draw_phase,
    can_draw_rollouts,
    control_paths,
    phase_portrait,
    rollouts_by_time,
    series_bands,
)
from .states import can_follow
from .steps import can_draw_steps, step_sizes
from .style import check_format, save_figure
from .training import Records, training_curves


def _fits_boundary(model: AbstractModel, data: Dataset) -> bool:
    return can_draw_boundary(data)


def _rollouts(model: AbstractModel, data: Dataset) -> Drawing:
    return rollouts_by_time({type(model).__name__: model}, data)


OF_STATES: Mapping[str, Fitting] = {
    "field": Fitting(can_draw_field, vector_field),
    "effort": Fitting(can_draw_effort, effort_map),
    "steps": Fitting(can_draw_steps, step_sizes),
    "flow": Fitting(can_draw_flow, flow_animation),
    "lift": Fitting(can_draw_lift, lift_in_space),
    "maps": Fitting(can_draw_maps, state_maps),
    "attention": Fitting(can_draw_attention, attention_maps),
    "series": Fitting(can_draw_bands, series_bands),
    "phase": Fitting(can_draw_phase, phase_portrait),
    "control": Fitting(can_draw_control, control_paths),
    "rollouts": Fitting(can_draw_rollouts, _rollouts),
    "bodies": Fitting(can_draw_bodies, bodies_animation),
    "space_time": Fitting(can_draw_fields, space_time),
    "spectra": Fitting(can_draw_fields, spectra),
}
"""What shows how a model computes, whatever it was trained for."""
OF_CLASSES: Mapping[str, Fitting] = {
    "boundary": Fitting(_fits_boundary, decision_boundary),
    "effort_by_class": Fitting(can_draw_effort_by_class, effort_by_class),
    "hardest": Fitting(can_draw_hardest, hardest_and_easiest),
}
"""What shows what a classifier says."""
BY_OUTPUT: Mapping[Output, Mapping[str, Fitting]] = {
    Output.LOGITS: OF_CLASSES,
    Output.LOG_DENSITY: densities.FIGURES,
    Output.PATH: stochastic.FIGURES,
}
"""Figures of what a task's outputs are."""


def all_figures(
    model: AbstractModel, data: Dataset, history: Records | None, task: str
) -> dict[str, Drawing]:
    """Every figure that fits, by name.

    `fit` for a regression with one feature; `boundary` for a classification with two, and
    `effort_by_class` and `hardest` where examples can differ in what they cost; for densities those
    of `zoo.plots.densities`; `depth` for a model that has states, `field` for an ODE of the plane,
    `effort` where the cost of a place in the plane differs, `steps` for an adaptive ODE, `flow` (an
    animation) and `lift` for ODEs of points of the plane, `maps` for ODEs whose states are images,
    `attention` where a transformer looks at images, `fan` and `marginals` of random paths, `series`
    for paths of series and `phase` for those of two channels or three, `control` for a neural CDE,
    `rollouts` of data with an energy, `bodies` (an animation) in the plane, `space_time` and
    `spectra` for fields on a grid, `training` where there is a history.
    One that cannot be drawn is left out, with a warning. Of data on disk a sample is drawn.

    Args:
        model: the trained model.
        data: what it was trained on.
        history: of its training, or None.
        task: what it was trained for.
    """
    data = data.sampled
    each = {type(model).__name__: model}
    output = task_named(task).output
    numbers = output is Output.NUMBERS
    seen = history is not None and (history.train or history.val)
    # Whether a figure fits is asked within the attempt: a model of someone's own may fail there.
    drawings: dict[str, Callable[[], Drawing | None]] = {
        "fit": lambda: regression_fit(each, data) if numbers and can_draw_fit(data) else None,
        **attempts_at(BY_OUTPUT.get(output, {}), model, data),
        "depth": lambda: state_against_depth(each, data) if can_follow(model, data) else None,
        **attempts_at(OF_STATES, model, data),
        "training": lambda: training_curves(history) if history is not None and seen else None,
    }
    return attempt_all("drawn", drawings)


def write_figures(
    folder: str | PathLike[str], figures: Mapping[str, Drawing], format: str = "png"
) -> list[Path]:
    """Write figures into a folder, each under its name, and return the paths of those written.

    One that fails while it is rendered is left out, with a warning. An animation is a GIF in any
    format.

    Args:
        folder: made where there is none.
        figures: what `all_figures` returns.
        format: png, svg or pdf.

    Raises `ConfigError` for another format, before anything is written, and `OutputError` for the
    first file that cannot be written, such as on a full disk, once all others were tried.
    """
    check_format(format)
    unwritten: list[OutputError] = []
    savings: dict[str, Callable[[], Path | None]] = {}
    for name, figure in figures.items():
        save: Callable[[], Path]
        if isinstance(figure, Animation):
            save = partial(save_animation, figure, Path(folder) / f"{name}.gif")
        else:
            save = partial(save_figure, figure, Path(folder) / f"{name}.{format}")
        savings[name] = partial(_noting, unwritten, save)
    written = list(attempt_all("written", savings).values())
    if unwritten:
        raise unwritten[0]
    return written


def _noting(unwritten: list[OutputError], save: Callable[[], Path]) -> Path | None:
    """The path that was saved to; None where it cannot be written, and the error is noted."""
    try:
        return save()
    except OutputError as error:
        unwritten.append(error)
        return None
