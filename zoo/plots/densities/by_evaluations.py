"""Draws by how many evaluations of the field each may cost."""

import diffrax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...errors import ConfigError
from ...models.base import AbstractModel
from ...models.densities import AbstractDensity
from ...solve import Solver
from ...solve.methods import is_adaptive
from ..examples import original
from ..image_panels import draw_image, image_shape
from ..plane import data_spans, fit_axes, is_planar, ratio_of
from ..style import BLUE, PAGE, new_figure, style
from .drawn import Draws, density_for, draw, is_density
from .mosaic import mosaic

EVALUATIONS = (2, 4, 8, 32)
"""Of a block, by the midpoint method, which takes two a step."""
_POINTS = 1000
_SIDE = 5
"""Images of a panel, across and down."""


def draws_by_evaluations(
    model: AbstractModel, data: Dataset, *, evaluations: tuple[int, ...] = EVALUATIONS
) -> Figure:
    """Draws of the same points of the base, by evaluations of the field: 2, 4, 8, 32, adaptive.

    Equal steps of the midpoint method, and the model's own tolerance on the right; the number over
    a panel is what was counted, of all blocks. Points in the user's units over grey training
    examples, or images.

    Args:
        model: a density.
        data: what it was trained on: two features, or images of one or three channels.
        evaluations: of a block, even numbers.

    Raises `ConfigError` for another model or other data, and for evaluations that are
    not even.
    """
    fits = can_draw_by_evaluations(model, data)
    needs = "two features, (2,), or images of one or three channels"
    density = density_for(fits, model, data, "draws by evaluations", needs)
    if not evaluations or any(number < 2 or number % 2 for number in evaluations):
        raise ConfigError(
            f"evaluations = {evaluations}: expected even numbers of 2 or more, since a step of the "
            "midpoint method takes two."
        )
    count = _POINTS if is_planar(data) else _SIDE**2
    solvers = [Solver(diffrax.Midpoint(), steps=number // 2) for number in evaluations]
    found = [draw(density, data, count, solver=solver) for solver in solvers]
    found.append(draw(density, data, count, solver=_adaptive(density)))
    with style():
        figure, panels = _panels(data, len(found))
        for axes, draws in zip(panels, found, strict=True):
            _show(axes, data, draws, first=axes is panels[0])
        panels[-1].set_title(f"adaptive, {panels[-1].get_title()}", fontsize=9)
    return figure


def can_draw_by_evaluations(model: AbstractModel, data: Dataset) -> bool:
    """Whether `draws_by_evaluations` fits: a density of the plane, or of images."""
    return is_density(model, data) and (is_planar(data) or image_shape(data) is not None)


def _adaptive(model: AbstractDensity) -> Solver | None:
    """Nothing where the model's own solver adapts its steps, else a tolerance."""
    own = model.effective().resolve()
    if own.controller == "pid":
        return None
    method = own.method if own.method is not None and is_adaptive(own.method) else diffrax.Dopri5()
    return Solver(method, rtol=1e-3, atol=1e-3)


def _panels(data: Dataset, count: int) -> tuple[Figure, list[Axes]]:
    width = (PAGE - 0.6) / count
    if is_planar(data):
        height = width * ratio_of(data_spans(data)) + 0.65
    else:
        shape = image_shape(data)
        assert shape is not None, "asked above"
        height = width * shape[0] / shape[1] + 0.3
    return new_figure(height=height, columns=count, width=PAGE)


def _show(axes: Axes, data: Dataset, draws: Draws, *, first: bool) -> None:
    if is_planar(data):
        behind = original(data, data.train["x"])[:_POINTS]
        for points, colour in ((behind, "0.8"), (draws.values, BLUE)):
            axes.scatter(
                points[:, 0], points[:, 1], s=3, color=colour, linewidths=0, rasterized=True
            )
        fit_axes(axes, data_spans(data), ("$x_1$", "$x_2$" if first else ""))
    else:
        shape = image_shape(data)
        assert shape is not None, "asked above"
        tiles = mosaic(draws.values.reshape(-1, *shape), _SIDE)
        draw_image(axes, tiles, original(data, np.asarray(data.train["x"][:500])))
        axes.set(xticks=[], yticks=[])
    nfe = "unknown" if draws.nfe is None else f"{draws.nfe:.3g}"
    axes.set_title(f"NFE {nfe}", fontsize=9)
