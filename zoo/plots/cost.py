"""What each example costs an ODE model alone: its evaluations, whatever the batch around it."""

from typing import Any, NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from ..batched import batches_of, join_parts, join_stats, traced_solver
from ..datasets import Dataset
from ..parameters import own_solver
from ..solve import Solver
from ..types import Stats

_BATCH = 1024


class Cost(NamedTuple):
    """Outputs, and the evaluations that they took."""

    outputs: np.ndarray
    evaluations: Float[np.ndarray, " N"]
    """NaN where a solve failed or an implicit method does not tell."""


def cost_of(model: Any, xs: np.ndarray) -> Cost:
    """Outputs and evaluations of standardised inputs [N, ...], each with its own steps.

    A model that is solved as one ODE for the whole batch is solved by example here: a batch's
    evaluations would say nothing of the examples.
    """
    solver = traced_solver(model, Solver(batching="per-sample"))
    batches = batches_of({"x": xs}, min(_BATCH, max(len(xs), 1)))
    parts = [(*_forward(model, batch["x"], solver), real) for batch, real in batches]
    reals = [real for *_, real in parts]
    stats = join_stats([stats for _, stats, _ in parts], reals)
    known = np.asarray(stats.ok) & (stats.nfe >= 0)
    return Cost(join_parts([ys for ys, *_ in parts], reals), np.where(known, stats.nfe, np.nan))


def has_cost(model: Any, data: Dataset) -> bool:
    """Whether examples can differ in what they cost: an adaptive solver, inputs of one axis."""
    solver = own_solver(model)
    adaptive = solver is not None and not solver.is_constant
    return adaptive and data.train["x"].ndim == 2 and "args" not in data.train


@eqx.filter_jit
def _forward(model: Any, xs: Array, solver: Solver | None) -> tuple[Array, Stats]:
    return model.forward(xs, solver=solver)
