"""What each example costs an ODE model alone: its evaluations, whatever the batch around it."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ..datasets import Dataset
from ..evaluation.batched import forward_arrays, traced_solver
from ..models.base import AbstractModel
from ..solve import Solver, solvers_of

BATCH = 200
"""Examples that are solved together: as many as figures choose from, so that one program serves
these and the places of a map."""


class Cost(NamedTuple):
    """Outputs, and the evaluations that they took."""

    outputs: np.ndarray
    evaluations: Float[np.ndarray, " N"]
    """NaN where a solve failed or an implicit method does not tell."""


def cost_of(model: AbstractModel, xs: np.ndarray) -> Cost:
    """Outputs and evaluations of standardised inputs [N, ...], each with its own steps.

    A model that is solved as one ODE for the whole batch is solved by example here: a batch's
    evaluations would say nothing of the examples.
    """
    solver = traced_solver(model, Solver(batching="per-sample"))
    outputs, stats = forward_arrays(model, {"x": xs}, solver, BATCH)
    known = np.asarray(stats.ok) & (stats.nfe >= 0)
    return Cost(outputs, np.where(known, stats.nfe, np.nan))


def has_cost(model: AbstractModel, data: Dataset) -> bool:
    """Whether examples can differ in what they cost: an adaptive solver, tables or images."""
    adaptive = any(not solver.is_constant for solver in solvers_of(model))
    return adaptive and data.spec.kind in ("table", "image") and "args" not in data.train
