"""The integral of a density over the plane."""

import numpy as np

from ...datasets.base import Arrays
from ...models.densities import AbstractDensity
from ...solve import Solver
from ..batched import forward_arrays

RESOLUTION = 100
"""Cells along each axis of the plane."""


def integral_of(
    model: AbstractDensity,
    train: Arrays,
    *,
    solver: Solver | None = None,
    resolution: int = RESOLUTION,
    batch_size: int = 128,
) -> float | None:
    """∫ p(x) dx of two numbers by the midpoint rule: 1, less what lies outside of the box.

    The box is that of the training examples, widened on each side by half of its length. A flow has
    density 1 in all by construction: what is missing or too much was lost by its solver, or by a
    trace that is estimated. None where a point of the grid could not be solved.

    Args:
        model: a density of two numbers.
        train: training examples, `x` [N, 2] in the model's units.
        solver: as `zoo.evaluation.batched.traced_solver` gives it.
        resolution: cells along each axis.
        batch_size: points of one compiled call.
    """
    x = train["x"].reshape(len(train["x"]), -1).astype(np.float64)
    low, high = x.min(axis=0), x.max(axis=0)
    low, high = low - (high - low) / 2, high + (high - low) / 2
    widths = (high - low) / resolution
    middles = low + (np.arange(resolution)[:, None] + 0.5) * widths
    grid = np.stack(np.meshgrid(*middles.T, indexing="ij"), axis=-1).reshape(-1, 2)
    points = grid.astype(train["x"].dtype).reshape(-1, *train["x"].shape[1:])
    values, _ = forward_arrays(model, {"x": points}, solver, batch_size)
    if not np.isfinite(values).all():
        return None
    return float(np.exp(values.astype(np.float64)).sum() * widths.prod())
