"""The likelihood of a density where it is solved more tightly."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from ...datasets.base import Arrays
from ...models.densities import AbstractDensity
from ...objectives.updates import AbstractUpdate
from ...solve import Solver
from ..batched import evaluate_arrays

TIGHTER = 100.0
MOST_ROWS = 1024
"""Examples that are solved once more."""
_FINEST = 10.0
"""Rounding errors below which a tolerance means nothing."""


def tighter(model: AbstractDensity, solver: Solver | None) -> Solver | None:
    """What `evaluate_arrays` takes, with tolerances a hundredth of the model's under `solver`.

    Not below ten rounding errors. None for equal steps, which have no tolerance.
    """
    own = model.effective(solver).resolve()
    if own.is_constant:
        return None
    least = _FINEST * jnp.finfo(jnp.result_type(float)).eps
    rtol, atol = (jnp.maximum(jnp.asarray(each) / TIGHTER, least) for each in (own.rtol, own.atol))
    given = Solver(rtol=rtol, atol=atol)
    return given if solver is None else given.over(solver)


def change_where_tighter(
    model: AbstractDensity,
    update: AbstractUpdate,
    arrays: Arrays,
    values: np.ndarray,
    *,
    key: PRNGKeyArray,
    solver: Solver | None,
    batch_size: int | None,
) -> dict[str, Any]:
    """By how much the mean of -log p(x) changes at a hundredth of the tolerance, and its NFE.

    The change is over the first `MOST_ROWS` examples that both could solve, which draw the same
    noise. {} for equal steps, and `change` None where there are none.

    Args:
        model: the density.
        update: by which `values` were made.
        arrays: the examples.
        values: what was found of them at the model's tolerance, [N]; NaN where it failed.
        key: what examples drew from.
        solver: what the examples were solved by.
        batch_size: as they were solved in, so that nothing is compiled anew.
    """
    tight = tighter(model, solver)
    if tight is None:
        return {}
    size = batch_size or min(128, len(values))
    first = {name: each[:MOST_ROWS] for name, each in arrays.items()}
    again, aux = evaluate_arrays(model, update, first, tight, size, key)
    own = values[:MOST_ROWS]
    ok = np.asarray(aux.stats.ok) & np.isfinite(own) & np.isfinite(again)
    change = float((again[ok].astype(np.float64) - own[ok]).mean()) if ok.any() else None
    return {"change": change, "nfe": float(np.mean(aux.stats.nfe))}
