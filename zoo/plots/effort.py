"""Where in the plane a net thinks hard: evaluations of the vector field by input."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ..datasets import Dataset
from ..errors import ConfigError
from ..models.base import AbstractModel
from .cost import cost_of, has_cost
from .examples import original, put_key, scatter, shown_targets
from .plane import cells, data_spans, fit_axes, is_planar, plane_height
from .style import SKY, new_figure, padded, put_bar, style

# Light enough for points on top; what failed is no grey.
_GREYS = LinearSegmentedColormap.from_list("evaluations", ["0.97", "0.25"]).with_extremes(bad=SKY)


def effort_map(model: AbstractModel, data: Dataset, *, resolution: int = 64) -> Figure:
    """The evaluations (NFE) that each place of the plane needs on its own, and the test points.

    Darker is harder. In original units; light blue where a solve fails.

    Args:
        model: an ODE model with an adaptive solver.
        data: data with two features.
        resolution: the model is solved at this many places along each axis.

    Raises `ConfigError` for another model, other data, or fewer places than 2.
    """
    _check(model, data, resolution)
    spans = data_spans(data)
    places = np.stack(np.meshgrid(*cells(spans, resolution)), axis=-1)
    evaluations = cost_of(model, data.inputs(places.reshape(-1, 2))).evaluations
    failed = not np.isfinite(evaluations).all()
    with style():
        figure, (axes,) = new_figure(height=plane_height(spans, bar=True))
        image = axes.imshow(
            evaluations.reshape(places.shape[:2]), extent=(*spans[0], *spans[1]), origin="lower",
            cmap=_GREYS, norm=_scale(evaluations), interpolation="nearest", aspect="auto",
        )  # fmt: skip
        scatter(axes, data, original(data, data.test["x"]), shown_targets(data))
        fit_axes(axes, spans, ("$x_1$", "$x_2$"))
        put_bar(axes, image, "evaluations (NFE)", ticks=MaxNLocator(6, integer=True))
        failures = [Patch(color=SKY, label="solve failed")] if failed else []
        put_key(figure, axes, data, *failures, place=1)
    return figure


def can_draw_effort(model: AbstractModel, data: Dataset) -> bool:
    """Whether `effort_map` fits: an adaptive ODE model of two features."""
    return has_cost(model, data) and is_planar(data)


def _check(model: AbstractModel, data: Dataset, resolution: int) -> None:
    if not can_draw_effort(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r}, with inputs of shape "
            f"{data.train['x'].shape[1:]}, has no map of evaluations: expected an ODE model with "
            "an adaptive solver (rtol instead of steps), and two features, (2,). Way out: "
            "zoo.evaluate gives the mean of the evaluations."
        )
    if resolution < 2:
        raise ConfigError(f"resolution = {resolution}: expected 2 or more.")


def _scale(evaluations: np.ndarray) -> Normalize:
    known = evaluations[np.isfinite(evaluations)]
    if known.size and known.min() < known.max():
        return Normalize(known.min(), known.max())
    return Normalize(*padded(known, 0.0))
