"""Error, cost and time of one trained model over tolerances, solvers and batchings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ...datasets import Dataset
from ...models import AbstractODEModel, choose_task
from ...models.base import AbstractModel
from ...solve import Solver, solvers_of
from ...solve.methods import method_by_name
from ...tasks import task_named
from ...types import Args
from ..batched import forward_batch
from ..evaluate import reconstruct
from .setting import (
    REFERENCE,
    Row,
    as_number,
    finite_or_none,
    one_batch,
    precision,
    seconds,
    solver_of,
)

TOLERANCES = tuple(10.0**-n for n in range(1, 9))
_FLOAT32 = 2e-6  # below it the error estimate of a float32 solve is mostly rounding
METHODS = ("Heun", "Bosh3", "Tsit5", "Dopri5", "Dopri8")


def tolerance_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "test",
    tolerances: Sequence[float] = TOLERANCES,
    methods: Sequence[str] = METHODS,
    batchings: Sequence[str] = ("per-sample", "joint"),
    limit: int = 256,
) -> Iterator[Row]:
    """A row for each solver, batching and tolerance (rtol = atol), one compilation for a sweep.

    The batch is the first `limit` examples of the split. From 1e-6 on the solve is in float64. Of a
    row: `loss` and the task's metrics; `nfe` (mean) and `nfe_max`, `calls` (batched evaluations)
    and `idle_share`; `seconds` of a compiled batch; `achieved`, the root mean square over the
    entries of (y - y*) / (1 + |y*|) of an example's final state (its output, where a model has
    several solves), its mean over the batch
    (`achieved_max` the largest), where y* is solved at 1e-10 in float64; `violations`, the share of
    examples whose error is above the tolerance that was asked for, since a solver controls the
    error of a step and promises nothing of the end; and `reconstruction_error`, the largest of a
    solve forwards and back again.
    """
    task = choose_task(type(model).__name__, model.objectives, data, task)
    batch = one_batch(data, split, limit)
    truth = _truth(model, batch)
    for method in methods:
        for batching in batchings:
            for rtol in tolerances:
                dtype = "float64" if rtol < _FLOAT32 else "float32"
                with precision(dtype) as cast:
                    given = Solver(method_by_name(method), rtol=rtol, batching=batching)  # type: ignore[arg-type]
                    row = _measure(cast(model), cast(batch), given, truth, rtol)
                row |= _metrics(task, data, batch, row.pop("prediction"), row.pop("ok"))
                yield {"method": method, "batching": batching, "rtol": rtol, "dtype": dtype, **row}


def _measure(
    model: AbstractModel, batch: Mapping[str, Any], given: Solver, truth: np.ndarray, rtol: float
) -> dict[str, Any]:
    solver = solver_of(model, given)
    xs, args = model.inputs(batch), batch.get("args")
    time, (prediction, stats) = seconds(lambda: forward_batch(model, xs, args, solver))
    states = _final_states(model, xs, args, solver)
    error = _errors(np.asarray(states, np.float64), truth)
    ok = np.asarray(stats.ok)
    row = {
        "prediction": np.asarray(prediction),
        "ok": ok,
        "nfe": float(np.mean(stats.nfe)),
        "nfe_max": int(np.max(stats.nfe)),
        "calls": int(stats.calls),
        "idle_share": finite_or_none(stats.idle_share),
        "failed": int((~ok).sum()),
        "seconds": time,
        "achieved": finite_or_none(error[ok].mean()) if ok.any() else None,
        "achieved_max": finite_or_none(error[ok].max()) if ok.any() else None,
        "violations": float((error[ok] > rtol).mean()) if ok.any() else None,
    }
    if isinstance(model, AbstractODEModel):
        worst = np.max(np.asarray(reconstruct(model, xs, args, solver)))
        row["reconstruction_error"] = finite_or_none(worst)
    return row


def _truth(model: AbstractModel, batch: Mapping[str, Any]) -> np.ndarray:
    """The final states at the reference tolerance, in float64."""
    with precision("float64") as cast:
        solver = solver_of(model, Solver(method_by_name("Dopri8"), rtol=REFERENCE, max_steps=65536))
        batch = cast(dict(batch))
        model, xs, args = cast(model), batch["x"], batch.get("args")
        return np.asarray(_final_states(model, xs, args, solver))


def _errors(states: np.ndarray, truth: np.ndarray) -> np.ndarray:
    relative = ((states - truth) / (1 + np.abs(truth))).reshape(len(truth), -1)
    return np.sqrt((relative**2).mean(axis=1))


def _final_states(model: AbstractModel, xs: Array, args: Args, solver: Solver) -> Any:
    """The states at the end; the outputs where there is no trajectory of one solve that has it."""
    if isinstance(model, AbstractODEModel) and len(solvers_of(model)) == 1:
        return _trajectory_end(model, xs, args, solver)
    return forward_batch(model, xs, args, solver)[0]


@eqx.filter_jit
def _trajectory_end(
    model: AbstractODEModel, xs: Array, args: Args, solver: Solver
) -> Float[Array, "B ..."]:
    states, _ = model.trajectory(xs, jnp.asarray(solver.t1)[None], args=args, solver=solver)
    return states[:, -1]


def _metrics(
    task: str, data: Dataset, batch: Mapping[str, Any], prediction: np.ndarray, ok: np.ndarray
) -> dict[str, Any]:
    """The task's metrics, the named ones of several targets or classes as their mean."""
    told = task_named(task).metrics(prediction.astype(np.float32), batch, data, ok)
    return {name: as_number(value) for name, value in told.items()}
