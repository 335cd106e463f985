"""A model on a split: metrics, cost, and whether its solves can be trusted."""

import math
import warnings
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, PRNGKeyArray, PyTree

from ..datasets import Dataset
from ..datasets.base import Arrays
from ..datasets.kept_split import count_of
from ..errors import ZooWarning
from ..models import AbstractODEModel, choose_task
from ..models.base import AbstractModel
from ..objectives.losses import Loss
from ..objectives.parameters import check_parameters
from ..objectives.updates import AbstractUpdate, as_update
from ..placement import Devices, spread, whole_shares
from ..solve import Solver
from ..solve.of_model import laid_solvers
from ..solve.on_devices import on_devices
from ..tasks import Task, task_named
from ..types import AnyArray, Args, Batch, Stats
from .batched import (
    evaluate_arrays,
    in_type_of,
    join_parts,
    mean_nfe,
    mean_of,
    over_batches,
    traced_solver,
)
from .densities import density_report, has_density
from .laws import laws_report
from .other_grids import Measure, rediscretise
from .predict import warn_of_failures


def evaluate(
    model: AbstractModel,
    data: Dataset,
    *,
    split: str = "test",
    task: str | None = None,
    solver: Solver | None = None,
    loss: Loss | AbstractUpdate | None = None,
    batch_size: int | None = None,
    other_grids: bool | None = None,
    draws: bool = True,
    key: PRNGKeyArray | None = None,
    devices: Devices = None,
) -> dict[str, Any]:
    """Loss, metrics and cost of a model on a split, as JSON values.

    Metrics are those of the whole split: neither the batch size nor a partial last batch changes
    them. An ODE model's `reconstruction_error` is the largest relative distance of a state from
    itself after a solve forwards and back; above 1e-2 there is a warning, since neither the number
    of evaluations nor a backsolve gradient means much then. `parameters` are those with a meaning,
    see `zoo.evaluation.laws`. A split on disk is read in batches, and baselines then learn from a
    sample of the training rows, see `Dataset.sampled`.

    Args:
        model: any `zoo.models.AbstractModel`.
        data: the data set.
        split: `train`, `val` or `test`.
        task: the first task in common where not given.
        solver: laid over the model's own, over each where it has several: `Solver(rtol=1e-2)`
            changes that alone.
        loss: what is reported as `loss`; the model's own for the task where not given.
        batch_size: examples of one compiled evaluation, at most 128 where not given.
        other_grids: whether to solve on a finer grid and adaptively too, see
            `zoo.evaluation.other_grids`; where not given, for a solver of equal steps.
        draws: whether a density is also drawn from, integrated where it is of two numbers, and
            solved more tightly: see `zoo.evaluation.densities.density_report`.
        key: what an evaluation draws with, where it draws; `jax.random.key(0)` where not given.
        devices: which share each batch, see `zoo.fit`; every example's numbers are the same on any.

    Raises `NumericalError` for weights that are not finite, and `ConfigError` for a task that the
    model or the data do not have, or a loss whose predictions are not the task's.
    """
    check_parameters(model)
    model = on_devices(model, devices, solver)
    task = choose_task(type(model).__name__, model.objectives, data, task)
    update = as_update(model.objectives[task] if loss is None else loss)
    arrays = in_type_of(model, data.split(split))
    data = data.sampled
    traced = traced_solver(model, solver)
    values, aux = evaluate_arrays(model, update, arrays, traced, batch_size, key)
    shape = None if aux.prediction is None else np.shape(aux.prediction)
    task_named(task).check_outputs(shape, len(values))
    stats = aux.stats
    ok = np.asarray(stats.ok)
    loss_value = mean_of(values, None, ok)
    result: dict[str, Any] = {"split": split, "n": len(values), "task": task, "loss": loss_value}
    measure = _measure(task_named(task), data, arrays)
    told = {} if aux.prediction is None else measure(np.asarray(aux.prediction), ok)
    # Where the task has no metrics, those of the loss stand.
    result |= told or {n: mean_of(v, aux.counts.get(n), ok) for n, v in aux.metrics.items()}
    result |= _cost(stats) | _reconstruction(model, arrays, traced, batch_size)
    result |= laws_report(model, arrays, traced, batch_size)
    named = task_named(task)
    if draws and has_density(model, named):
        mean = result.get(named.metric or "loss")
        result |= density_report(
            model, data, update, arrays, values, mean,
            solver=traced, batch_size=batch_size, key=key,
        )  # fmt: skip
    equal = any(each.is_constant for each in laid_solvers(model, traced))
    if traced is not None and (equal if other_grids is None else other_grids):
        result["rediscretisation"] = rediscretise(
            model,
            update,
            arrays,
            traced,
            (values, aux),
            measure,
            batch_size,
        )
    return result


@eqx.filter_jit
def reconstruct(
    model: AbstractODEModel, xs: PyTree[AnyArray], args: Args, solver: Solver | None
) -> Array:
    """`model.reconstruction_error`, compiled."""
    return model.reconstruction_error(xs, args=args, solver=solver)


def _measure(task: Task, data: Dataset, arrays: Arrays) -> Measure:
    """The task's metrics of a split, as a function of the outputs and of which were solved."""

    def measure(outputs: np.ndarray, ok: np.ndarray) -> dict[str, Any]:
        return task.metrics(outputs, arrays, data, ok)

    return measure


def _cost(stats: Stats) -> dict[str, Any]:
    """What a split cost; a last batch that is filled up idles too."""
    nfe = np.asarray(stats.nfe)
    known = len(nfe) > 0 and nfe.min() >= 0
    work = int(stats.work)
    blocks = {place: mean_nfe(each) for place, each in stats.blocks.items()}
    cost: dict[str, Any] = {
        "nfe": mean_nfe(nfe),
        **({"nfe_by_block": blocks} if blocks else {}),
        "nfe_max": int(nfe.max()) if known else None,
        "accepted": float(np.mean(stats.accepted)),
        "rejected": float(np.mean(stats.rejected)),
        "calls": int(stats.calls),
        "idle_share": 1 - float(nfe.sum() / work) if known and work else None,
        "failed": int((~np.asarray(stats.ok)).sum()),
    }
    warn_of_failures(stats)
    return cost


def _reconstruction(
    model: AbstractModel, arrays: Arrays, solver: Solver | None, batch_size: int | None
) -> dict[str, Any]:
    if not isinstance(model, AbstractODEModel):
        return {}
    size = whole_shares(batch_size or min(128, count_of(arrays)), model)

    def error_of(batch: Batch) -> Array:
        given = model.inputs(batch), batch.get("args")
        return spread(reconstruct, (1, 2), model, *given, solver)

    error = join_parts(*over_batches(error_of, model, arrays, size))
    worst = float(np.max(np.nan_to_num(error, nan=np.inf)))
    if worst > 1e-2:
        warnings.warn(
            f"Solved forwards and back again, an example is {worst:.2g} of its size away from "
            "itself: at this tolerance the numerical flow is not the ODE's, and a backsolve "
            "gradient would be wrong. Way out: tighter rtol and atol.",
            ZooWarning,
            stacklevel=3,
        )
    return {"reconstruction_error": worst if math.isfinite(worst) else None}
