"""Every figure that fits a model and its data: one that cannot be drawn ends nothing."""

from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike
from pathlib import Path

from matplotlib.figure import Figure

from ..datasets import Dataset
from ..errors import OutputError
from ..models.base import AbstractModel
from ..tasks import Output, task_named
from .animation import Animation, save_animation
from .attention import attention_maps, can_draw_attention
from .boundary import can_draw_boundary, decision_boundary
from .density import can_draw_density, density_map
from .depth import state_against_depth
from .effort import can_draw_effort, effort_map
from .effort_by_class import can_draw_effort_by_class, effort_by_class
from .failures import attempt_all
from .field import can_draw_field, vector_field
from .flow import can_draw_flow, flow_animation
from .hardest import can_draw_hardest, hardest_and_easiest
from .lift import can_draw_lift, lift_in_space
from .maps import can_draw_maps, state_maps
from .regression import can_draw_fit, regression_fit
from .series import (
    can_draw_bands,
    can_draw_control,
    can_draw_phase,
    control_paths,
    phase_portrait,
    series_bands,
)
from .states import can_follow
from .steps import can_draw_steps, step_sizes
from .style import check_format, save_figure
from .training import Records, training_curves

Drawing = Figure | Animation


def all_figures(
    model: AbstractModel, data: Dataset, history: Records | None, task: str
) -> dict[str, Drawing]:
    """Every figure that fits, by name.

    `fit` for a regression with one feature, `boundary` for a classification with two, `log_density`
    for densities of the plane, `depth` for a model that has states, `field` for an ODE of the
    plane, `effort`, `effort_by_class` and `hardest` where examples can differ in what they cost,
    `steps` for an adaptive ODE, `flow` (an animation) and `lift` for ODEs of points of the plane,
    `maps` for ODEs whose states are images, `attention` where a transformer looks at images,
    `series` for paths of series and `phase` for those of two channels or three, `control` for a
    neural CDE, `training` where there is a history. One that cannot be drawn is left out, with a
    warning.

    Args:
        model: the trained model.
        data: what it was trained on.
        history: of its training, or None.
        task: what it was trained for.
    """
    each = {type(model).__name__: model}
    output = task_named(task).output
    numbers, logits = output is Output.NUMBERS, output is Output.LOGITS
    densities = output is Output.LOG_DENSITY
    seen = history is not None and (history.train or history.val)
    # Whether a figure fits is asked within the attempt: a model of someone's own may fail there.
    drawings: dict[str, Callable[[], Drawing | None]] = {
        "fit": lambda: regression_fit(each, data) if numbers and can_draw_fit(data) else None,
        "boundary": lambda: (
            decision_boundary(model, data) if logits and can_draw_boundary(data) else None
        ),
        "log_density": lambda: (
            density_map(model, data) if densities and can_draw_density(model, data) else None
        ),
        "depth": lambda: state_against_depth(each, data) if can_follow(model, data) else None,
        "field": lambda: vector_field(model, data) if can_draw_field(model, data) else None,
        "effort": lambda: effort_map(model, data) if can_draw_effort(model, data) else None,
        "effort_by_class": lambda: (
            effort_by_class(model, data)
            if logits and can_draw_effort_by_class(model, data)
            else None
        ),
        "hardest": lambda: (
            hardest_and_easiest(model, data) if logits and can_draw_hardest(model, data) else None
        ),
        "steps": lambda: step_sizes(model, data) if can_draw_steps(model, data) else None,
        "flow": lambda: flow_animation(model, data) if can_draw_flow(model, data) else None,
        "lift": lambda: lift_in_space(model, data) if can_draw_lift(model, data) else None,
        "maps": lambda: state_maps(model, data) if can_draw_maps(model, data) else None,
        "attention": lambda: (
            attention_maps(model, data) if can_draw_attention(model, data) else None
        ),
        "series": lambda: series_bands(model, data) if can_draw_bands(model, data) else None,
        "phase": lambda: phase_portrait(model, data) if can_draw_phase(model, data) else None,
        "control": lambda: control_paths(model, data) if can_draw_control(model, data) else None,
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
