"""Has a net learned a flow, or the grid on which it was trained? The same weights on other grids.

A net trained on few, equal steps may fit those steps and no ODE: on a finer grid it is then another
function (Ott et al. 2021, "ResNet after all? Neural ODEs and their numerical solution").
"""

import warnings
from collections.abc import Callable
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from ..datasets.base import Arrays
from ..errors import ZooWarning
from ..models.base import AbstractModel
from ..objectives.updates import AbstractUpdate
from ..solve import Solver, solvers_of
from ..solve.methods import is_adaptive
from ..solve.of_model import laid_solvers, with_solvers
from ..solve.rounding import without_rounding
from ..types import Aux
from .batched import evaluate_arrays

_TOLERANCE = 1e-6
_WARN = 1e-2

Measure = Callable[[np.ndarray, np.ndarray], dict[str, Any]]
"""(predictions, ok) of a split to its metrics."""


def rediscretise(
    model: AbstractModel,
    update: AbstractUpdate,
    arrays: Arrays,
    solver: Solver,
    solved: tuple[np.ndarray, Aux],
    measure: Measure | None,
    batch_size: int | None = None,
) -> dict[str, dict[str, Any]]:
    """The loss, the metrics and the change of the outputs on the solver's own grid and on others.

    `solver` is what `evaluate_arrays` was given, and `solved` what it gave. Of a model with several
    solves all go to another grid, each to that of its own.

    The others: `finer`, twice as many equal steps, or a tenth of the tolerance; and `adaptive`, at
    1e-6 (or ten rounding errors, if that is more) by the same method, or Dopri5 where it cannot
    adapt. `change` is the root mean square of the outputs' difference from the own grid's, relative
    to that of the outputs; warned of above 1e-2.
    """
    rows: dict[str, dict[str, Any]] = {}
    own = None
    for name, grid in _GRIDS.items():
        values, aux = solved
        if grid is not None:
            values, aux = evaluate_arrays(*_on(grid, model, solver, update, arrays), batch_size)
        ok = np.asarray(aux.stats.ok)
        row: dict[str, Any] = {"loss": float(values[ok].mean()) if ok.any() else None}
        if aux.prediction is not None:
            outputs = np.asarray(aux.prediction, np.float64)
            if measure is not None:
                row |= measure(np.asarray(aux.prediction), ok)
            if own is None:
                own = outputs
            else:
                row["change"] = _change(own, outputs)
        rows[name] = row | {"nfe": float(np.mean(aux.stats.nfe)), "failed": int((~ok).sum())}
    _warn(rows)
    return rows


def _on(
    grid: Callable[[Solver], Solver],
    model: AbstractModel,
    solver: Solver,
    update: AbstractUpdate,
    arrays: Arrays,
) -> tuple[Any, AbstractUpdate, Arrays, Solver]:
    """What `evaluate_arrays` takes, with every solver that runs changed to another grid."""
    laid = [without_rounding(each).resolve() for each in laid_solvers(model, solver)]
    changed = [grid(each).traced() for each in laid]
    if len(solvers_of(model)) < 2:
        return model, update, arrays, changed[0]
    return with_solvers(model, changed), update, arrays, Solver()


def _adaptive(solver: Solver) -> Solver:
    finest = max(_TOLERANCE, 10 * float(jnp.finfo(jnp.result_type(float)).eps))
    room = max(4096, solver.max_steps or 0)
    method = None if solver.method and is_adaptive(solver.method) else diffrax.Dopri5()
    return Solver(method, rtol=finest, max_steps=room).over(solver)


def _finer(solver: Solver) -> Solver:
    room = max(4096, solver.max_steps or 0)
    if solver.steps is not None:
        return Solver(steps=2 * solver.steps, max_steps=room).over(solver)
    if solver.is_constant:
        assert solver.dt0 is not None
        return Solver(dt0=solver.dt0 / 2, max_steps=room).over(solver)
    numbers = jax.tree.map(lambda x: x / 10, (solver.rtol, solver.atol))
    return Solver(rtol=numbers[0], atol=numbers[1], max_steps=room).over(solver)


_GRIDS: dict[str, Callable[[Solver], Solver] | None] = {
    "own": None,
    "finer": _finer,
    "adaptive": _adaptive,
}


def _change(own: np.ndarray, other: np.ndarray) -> float | None:
    solved = np.isfinite(own) & np.isfinite(other)
    if not solved.any():
        return None
    difference, size = (own - other)[solved], other[solved]
    return float(np.sqrt((difference**2).mean() / max((size**2).mean(), 1e-30)))


def _warn(rows: dict[str, dict[str, Any]]) -> None:
    change = rows["adaptive"].get("change")
    if change is None or not change > _WARN:
        return
    warnings.warn(
        f"Solved adaptively, the outputs differ by {change:.2g} of their size from those on the "
        "grid that the model uses: it has learned that grid rather than a flow, and means nothing "
        "on another. Way out: train with more steps, or adaptively (rtol, atol).",
        ZooWarning,
        stacklevel=4,
    )
