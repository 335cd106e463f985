"""What `evaluate` adds for a density."""

from dataclasses import asdict
from typing import Any, TypeGuard

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from ...datasets import Dataset
from ...datasets.base import Arrays
from ...models.base import AbstractModel
from ...models.densities import AbstractDensity
from ...objectives.updates import AbstractUpdate
from ...solve import Solver
from ...tasks import Output, Task
from .draws import compare_draws
from .integral import integral_of
from .tolerance import change_where_tighter


def has_density(model: AbstractModel, task: Task) -> TypeGuard[AbstractDensity]:
    """Whether a model is a density that was trained as one: it can be drawn from."""
    return isinstance(model, AbstractDensity) and task.output is Output.LOG_DENSITY


def density_report(
    model: AbstractDensity,
    data: Dataset,
    update: AbstractUpdate,
    arrays: Arrays,
    values: np.ndarray,
    mean: float | None,
    *,
    solver: Solver | None = None,
    batch_size: int | None = None,
    key: PRNGKeyArray | None = None,
) -> dict[str, Any]:
    """What a density is worth beside its likelihood, as JSON values.

    Of one whose log p(x) is not known the draws alone are told.

    - `nll_tight`: `mean` at a hundredth of the tolerance, and `nfe_tight`, see
      `zoo.evaluation.densities.tolerance`; nothing of equal steps.
    - `nfe_sample`, `failed_draws`, and `sliced_w2` of draws beside `sliced_w2_train`, in the
      model's units, see `compare_draws`.
    - `integral` of a density of two numbers, see `integral_of`.

    Args:
        model: the density.
        data: what it was trained on.
        update: by which `values` were made.
        arrays: the examples of a split.
        values: -log p(x) of each, [N].
        mean: the mean that is reported of them; None where there is none.
        solver: as `zoo.evaluation.batched.traced_solver` gives it.
        batch_size: examples of one compiled call.
        key: what was drawn from for `values`; `jax.random.key(0)` where not given.
    """
    key = jax.random.key(0) if key is None else key
    told: dict[str, Any] = asdict(compare_draws(model, arrays, data.train, key=key, solver=solver))
    if mean is None or not np.isfinite(mean):  # no log p(x) is known of any example
        return told
    change = change_where_tighter(
        model, update, arrays, values, key=key, solver=solver, batch_size=batch_size
    )
    if change:
        known = change["change"] is not None
        told |= {
            "nll_tight": mean + change["change"] if known else None,
            "nfe_tight": change["nfe"],
        }
    if int(np.prod(data.train["x"].shape[1:])) == 2:
        told["integral"] = integral_of(model, data.train, solver=solver)
    return told
