"""Where a net thinks hard: evaluations by example, against how sure and how wrong it is."""

import numpy as np

from ...datasets import Dataset
from ...models import choose_task
from ...models.base import AbstractModel
from ...objectives.updates import as_update
from ...precision import constant
from ...solve import Solver
from ...tasks import Output, task_named
from ...tasks.classification import margins
from ..batched import evaluate_arrays
from .setting import Row, finite_or_none, solver_of


def effort_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "test",
    solver: Solver | None = None,
) -> list[Row]:
    """A row for each example of a split: `nfe` of its own solve, `loss`, and `margin`.

    The margin of logits is the predicted probability of the likeliest class less that of the next;
    other outputs have none. Examples are solved each with its own steps.
    """
    task = choose_task(type(model).__name__, model.objectives, data, task)
    update = as_update(model.objectives[task])
    each = Solver(batching="per-sample").over(solver or Solver())
    arrays = data.sampled.split(split)
    values, aux = evaluate_arrays(model, update, arrays, solver_of(model, each))
    rows: list[Row] = [
        {"example": i, "nfe": int(n), "loss": float(v)}
        for i, (n, v) in enumerate(zip(aux.stats.nfe, values, strict=True))
    ]
    if task_named(task).output is Output.LOGITS and aux.prediction is not None:
        for row, margin in zip(rows, margins(np.asarray(aux.prediction)), strict=True):
            row["margin"] = float(margin)
    return rows


def rank_correlations(rows: list[Row]) -> dict[str, float | None]:
    """Spearman's rank correlation of the evaluations with margin and loss.

    None where a column is constant, so that there are no ranks.
    """
    from scipy.stats import spearmanr  # half a second to import

    nfe = [row["nfe"] for row in rows]
    found: dict[str, float | None] = {}
    for name in ("margin", "loss"):
        if name in rows[0]:
            column = [row[name] for row in rows]
            varied = not constant(np.array([nfe, column], np.float64).T).any()
            found[name] = finite_or_none(spearmanr(nfe, column)[0]) if varied else None
    return found
