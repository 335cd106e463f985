"""How much of a field is in waves of which length, observed and by a model."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..series.predicted import predicted
from ..style import BLACK, BLUE, VERMILLION, name_axes, new_figure, put_legend, style
from .grids import checked_grid


def spectra(model: AbstractModel, data: Dataset) -> Figure:
    """The mean power of test fields at their last time, by wavenumber: observed, model, error.

    The power of a wave of a wavenumber k, k waves over the grid's length, is half the square of its
    height. Where the error meets the observed power, waves of that length are not predicted.

    Args:
        model: a trajectory of fields on a grid of one axis.
        data: the series that it was trained on.

    Raises `ConfigError` for another model or other data.
    """
    grid = checked_grid(model, data)
    told = predicted(model, data)
    true, mean = told.values[:, -1], told.mean[:, -1]
    known = np.isfinite(true).all(axis=1) & np.isfinite(mean).all(axis=1)
    k = np.arange(grid.points[0] // 2 + 1)[1:]
    with style():
        figure, (axes,) = new_figure(height=2.6)
        lines = (
            ("observed", true, BLACK, "-"),
            ("model", mean, BLUE, "--"),
            ("model - observed", mean - true, VERMILLION, ":"),
        )
        for name, values, colour, dashes in lines:
            axes.loglog(k, power(values[known])[1:], color=colour, linestyle=dashes, label=name)
        name_axes(axes, "wavenumber", "mean power")
        put_legend(figure, axes)
    return figure


def power(u: Float[np.ndarray, "N points"]) -> Float[np.ndarray, " waves"]:
    """The mean over fields of half the squared height of each wave, from wavenumber 0 on."""
    heights = np.abs(np.fft.rfft(u, axis=1)) * 2 / u.shape[1]
    found: np.ndarray = np.mean(heights**2 / 2, axis=0)
    return found
