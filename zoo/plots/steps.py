"""Step size control at work: step sizes, error ratios and rejected attempts over t."""

from typing import Any

import jax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from ..models import AbstractODEModel
from ..models.base import AbstractModel
from .attempts import Attempts, attempts_of
from .cost import cost_of, has_cost
from .states import EXAMPLES, interval
from .style import BLUE, VERMILLION, name_axes, new_figure, put_legend, scale_log, style


def step_sizes(model: AbstractModel, data: Dataset, *, example: int | None = None) -> Figure:
    """Every attempt at a step of one example's solve: its size, and its error over the limit.

    Each attempt is a bar from where it starts to where it would stop. A rejected one, whose error
    is above the limit of `atol + rtol * abs(y)`, is started over with a smaller step.

    Args:
        model: an ODE model (`zoo.AbstractODEModel`) with an adaptive solver, which solves the
            example alone; of several solves the main one is drawn.
        data: what it was trained on.
        example: row of the test split; where not given, that of the first 200 which takes the most
            evaluations.

    Raises `ConfigError` for another model, or an example that is not there.
    """
    if not can_draw_steps(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} has no step size control to draw: expected "
            "an ODE model with an adaptive solver (rtol instead of steps)."
        )
    assert isinstance(model, AbstractODEModel), "checked above"
    example = _longest(model, data) if example is None else example
    if not 0 <= example < len(data.test["x"]):
        raise ConfigError(
            f"example = {example}: the test split of {data.name!r} has {len(data.test['x'])}, "
            "counted from 0."
        )
    args = jax.tree.map(lambda leaf: leaf[example], data.test.get("args"))
    attempts = attempts_of(model, data.test["x"][example], args)
    with style():
        figure, (sizes, errors) = new_figure(rows=2, height=3.4)
        _draw(sizes, attempts, np.abs(attempts.stop - attempts.start))
        _draw(errors, attempts, attempts.error)
        errors.axhline(1.0, color="0.5", linewidth=0.8, linestyle="--", zorder=0, label="limit")
        name_axes(sizes, "", "step size $h$")
        name_axes(errors, f"$t$  (test example {example})", "error ratio")
        t0, t1 = interval(model)
        errors.set_xlim(t0 - 0.03 * (t1 - t0), t1 + 0.03 * (t1 - t0))
        errors.xaxis.set_major_locator(MaxNLocator(6))
        figure.align_ylabels([sizes, errors])
        put_legend(figure, errors)
    return figure


def can_draw_steps(model: AbstractModel, data: Dataset) -> bool:
    """Whether `step_sizes` fits: an ODE model with an adaptive solver, whose inputs are `x`.

    Of a series it would have to be given the times and the mask too.
    """
    adaptive = isinstance(model, AbstractODEModel) and not model.effective().is_constant
    return adaptive and data.spec.kind != "series"


def _longest(model: AbstractODEModel, data: Dataset) -> int:
    """The example of most evaluations; the first where nothing tells which that is."""
    if not has_cost(model, data):
        return 0
    evaluations = cost_of(model, data.test["x"][:EXAMPLES]).evaluations
    return int(np.nan_to_num(evaluations, nan=-1).argmax())


def _draw(axes: Axes, attempts: Attempts, values: np.ndarray) -> None:
    """Bars at the height of the values; what is zero or not finite has no place on their axis."""
    drawn = np.isfinite(values) & (values > 0)
    solid: dict[str, Any] = {"color": BLUE, "linestyle": "-", "linewidth": 1.6, "marker": "|"}
    dashed: dict[str, Any] = {
        "color": VERMILLION,
        "linestyle": (0, (2, 1)),
        "linewidth": 1.0,
        "marker": "x",
    }
    kinds = {"accepted": (attempts.accepted, solid), "rejected": (~attempts.accepted, dashed)}
    for name, (mask, look) in kinds.items():
        if not mask.any():
            continue
        for row in np.flatnonzero(mask & drawn):
            bar = [attempts.start[row], attempts.stop[row]]
            axes.plot(bar, [values[row]] * 2, markersize=4, markevery=[0], **look)
        axes.plot([], [], markersize=4, label=f"{name} ({mask.sum()})", **look)
    if drawn.any():
        scale_log(axes.yaxis, values)
