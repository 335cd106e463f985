"""Accuracy against compute for one trained net: by tolerance, and by pruning."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import equinox as eqx
import numpy as np

from ...datasets import Dataset
from ...errors import ConfigError
from ...models import AbstractODEModel
from ...models import prune as prune_all
from ...models.base import AbstractModel
from ...models.matrices import is_matrix, weights_of
from ...solve import Solver, solvers_of
from ..evaluate import evaluate
from .setting import MAX_STEPS, Row, measured, solver_of

TOLERANCES = (3e-1, 1e-1, 3e-2, 1e-2, 1e-3, 1e-4, 1e-5)
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def compute_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "test",
    tolerances: Sequence[float] = TOLERANCES,
    shares: Sequence[float] = SHARES,
) -> Iterator[Row]:
    """Rows of `by` tolerance or pruning, each with `multiply_adds` of an example and the metrics.

    The same weights, never retrained. Pruning sets the smallest entries of all weight matrices of
    the dynamics to zero, a `share` of them, at the model's own tolerance. Compute is counted where
    sparse arithmetic could save it: the entries that are not zero times the evaluations.

    Of a model with several solves the dynamics of the main one are pruned, and `multiply_adds` is
    left out, since `nfe` counts evaluations of different fields. Raises `ConfigError` for a model
    that is no `AbstractODEModel`.
    """
    check_dynamics(model)
    assert isinstance(model, AbstractODEModel), "checked above"
    for rtol in tolerances:
        given = Solver(rtol=rtol, max_steps=MAX_STEPS)
        told = evaluate(
            model, data, split=split, task=task, solver=given, other_grids=False, draws=False
        )
        yield Row(by="tolerance", rtol=rtol) | _row(model, told)
    for share in shares:
        pruned = prune(model, share)
        given = Solver(max_steps=MAX_STEPS)
        told = evaluate(
            pruned, data, split=split, task=task, solver=given, other_grids=False, draws=False
        )
        yield Row(by="pruning", share=share) | _row(pruned, told)


def check_dynamics(model: AbstractModel) -> None:
    """Raise `ConfigError` for a model that solves nothing, or whose dynamics are not known."""
    solver_of(model, Solver())
    if not isinstance(model, AbstractODEModel):
        raise ConfigError(
            f"{type(model).__name__} does not say what its dynamics are, which the sweep `compute` "
            "prunes: make it a subclass of zoo.AbstractODEModel, or leave the sweep out (--kinds)."
        )


OfODE = TypeVar("OfODE", bound=AbstractODEModel)
"""The class of a model with a solve."""


def prune(model: OfODE, share: float) -> OfODE:
    """The model with its main dynamics pruned, as `zoo.prune` prunes a whole model."""
    pruned = prune_all(model.dynamics, share)
    return eqx.tree_at(lambda m: m.dynamics, model, pruned)


def _row(model: AbstractODEModel, told: dict[str, Any]) -> Row:
    matrices = filter(is_matrix, weights_of(model.dynamics))
    nonzero = sum(int(np.count_nonzero(each)) for each in matrices)
    row = measured(told)
    if told["nfe"] is not None and len(solvers_of(model)) == 1:
        row["multiply_adds"] = told["nfe"] * nonzero
    return row
