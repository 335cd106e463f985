"""How likely a model finds the rows that it was not trained on, beside a Gaussian."""

import numpy as np
from matplotlib.figure import Figure

from ...datasets import Dataset
from ...models.base import AbstractModel
from ..style import BLUE, VERMILLION, name_axes, new_figure, padded, put_legend, style
from .drawn import density_for, is_density
from .scores import scores_of


def likelihood_histogram(model: AbstractModel, data: Dataset) -> Figure:
    """Histograms of the log density of test examples: the model's, and that of a Gaussian.

    In nats and the user's units; a line is the mean, minus the `nll` and `gaussian_nll` of
    `zoo.evaluate`. The Gaussian has the mean and covariance of the training rows.

    Args:
        model: a density.
        data: what it was trained on.

    Raises `ConfigError` for another model.
    """
    fits = can_draw_likelihoods(model, data)
    density = density_for(fits, model, data, "log densities", "any data")
    scores = scores_of(density, data)
    shown = {"Gaussian": (scores.gaussian, VERMILLION), "model": (scores.model, BLUE)}
    known = {
        name: (values[np.isfinite(values)], colour)
        for name, (values, colour) in shown.items()
        if values is not None
    }
    together = np.concatenate([values for values, _ in known.values()])
    # A few rows far out would leave the others one bar.
    low = float(np.quantile(together, 0.005)) if together.size else 0.0
    edges = np.linspace(*padded(together[together >= low], 0.02), 41)
    with style():
        figure, (axes,) = new_figure(height=2.4)
        for name, (values, colour) in known.items():
            mean = float(values.mean()) if values.size else np.nan
            axes.hist(
                np.maximum(values, edges[0]), edges.tolist(), color=colour, alpha=0.35,
                label=f"{name}: mean {mean:.2f}",
            )  # fmt: skip
            axes.axvline(mean, color=colour, linewidth=1)
        name_axes(axes, "log density of a test example (nats)", f"of {len(scores.model)} examples")
        put_legend(figure, axes)
    return figure


def can_draw_likelihoods(model: AbstractModel, data: Dataset) -> bool:
    """Whether `likelihood_histogram` fits: a density, of any data."""
    return is_density(model, data)
