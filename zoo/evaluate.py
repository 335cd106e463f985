"""A model on a split: metrics, cost, and whether its solves can be trusted."""

import math
import warnings
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from .batched import batches_of, evaluate_arrays, forward_arrays, mean_of, traced_solver
from .datasets import Dataset
from .datasets.base import Arrays
from .errors import ZooWarning
from .losses import Loss
from .models import AbstractODEModel, choose_task
from .parameters import check_parameters, float_type
from .precision import cast_floats
from .rediscretisation import Measure, rediscretise
from .solve import Solver, explain
from .solve.of_model import laid_solvers
from .tasks import Task, task_named
from .types import Stats
from .updates import as_update


def evaluate(
    model: Any,
    data: Dataset,
    *,
    split: str = "test",
    task: str | None = None,
    solver: Solver | None = None,
    loss: Loss | None = None,
    batch_size: int | None = None,
    other_grids: bool | None = None,
    key: PRNGKeyArray | None = None,
) -> dict[str, Any]:
    """Loss, metrics and cost of a model on a split, as JSON values.

    Metrics are those of the whole split: neither the batch size nor a partial last batch changes
    them. An ODE model's `reconstruction_error` is the largest relative distance of a state from
    itself after a solve forwards and back; above 1e-2 there is a warning, since neither the number
    of evaluations nor a backsolve gradient means much then.

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
            `zoo.rediscretisation`; where not given, for a solver of equal steps.
        key: what an evaluation draws with, where it draws; `jax.random.key(0)` where not given.

    Raises `NumericalError` for weights that are not finite, and `ConfigError` for a task that the
    model or the data do not have, or a loss whose predictions are not the task's.
    """
    check_parameters(model)
    task = choose_task(type(model).__name__, model.objectives, data, task)
    update = as_update(model.objectives[task] if loss is None else loss)
    arrays = cast_floats(dict(data.split(split)), float_type(model))
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


def predict(
    model: Any,
    xs: Any,
    *,
    data: Dataset | None = None,
    task: str | None = None,
    solver: Solver | None = None,
    batch_size: int = 128,
) -> np.ndarray:
    """The model's outputs for inputs `xs`, [N, ...], in batches of one shape.

    Where `data` is given, `xs` are raw: they are standardised as the training data were, and the
    outputs come back in the user's units, as the task has them: a regression's targets, a log
    density. A failed solve gives NaN and a warning.

    Args:
        model: any `zoo.models.AbstractModel`.
        xs: inputs, [N, ...].
        data: what the model was trained on.
        task: what it was trained for. Where not given, the first in common with the data, or the
            first of the model's that they can serve, or the data's first for a model without any.
        solver: laid over the model's own.
        batch_size: examples of one compiled evaluation, at most.

    Raises `NumericalError` for weights that are not finite, and `ConfigError` for a task that the
    model or the data do not have.
    """
    check_parameters(model)
    chosen = None if data is None else _predicted_task(model, data, task)
    xs = np.asarray(xs) if data is None else data.inputs(np.asarray(xs))
    traced = traced_solver(model, solver)
    outputs, stats = forward_arrays(model, xs, traced, batch_size)
    _warn_of_failures(stats)
    if chosen is None or data is None:
        return outputs
    return chosen.to_units(outputs, xs, data.preprocessing)


def _predicted_task(model: Any, data: Dataset, task: str | None) -> Task:
    """The task by which outputs are read. Raises `ConfigError` for one that is not in common."""
    if task is not None:
        return task_named(choose_task(type(model).__name__, model.objectives, data, task))
    common = [name for name in data.tasks if name in model.objectives]
    asked = [name for name in model.objectives if data.serves(name)]
    return task_named((common or asked or data.tasks)[0])


@eqx.filter_jit
def reconstruct(model: AbstractODEModel, xs: Array, args: Any, solver: Solver | None) -> Array:
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
    cost: dict[str, Any] = {
        "nfe": float(nfe.mean()) if known else None,
        "nfe_max": int(nfe.max()) if known else None,
        "accepted": float(np.mean(stats.accepted)),
        "rejected": float(np.mean(stats.rejected)),
        "calls": int(stats.calls),
        "idle_share": 1 - float(nfe.sum() / int(stats.work)) if known else None,
        "failed": int((~np.asarray(stats.ok)).sum()),
    }
    _warn_of_failures(stats)
    return cost


def _warn_of_failures(stats: Stats) -> None:
    if words := explain(stats):
        warnings.warn(words, ZooWarning, stacklevel=4)


def _reconstruction(
    model: Any, arrays: Arrays, solver: Solver | None, batch_size: int | None
) -> dict[str, Any]:
    if not isinstance(model, AbstractODEModel):
        return {}
    errors = []
    for batch, real in batches_of(arrays, batch_size or min(128, len(arrays["x"]))):
        error = reconstruct(model, batch["x"], batch.get("args"), solver)
        errors.append(np.asarray(error)[:real])
    worst = float(np.max(np.nan_to_num(np.concatenate(errors), nan=np.inf)))
    if worst > 1e-2:
        warnings.warn(
            f"Solved forwards and back again, an example is {worst:.2g} of its size away from "
            "itself: at this tolerance the numerical flow is not the ODE's, and a backsolve "
            "gradient would be wrong. Way out: tighter rtol and atol.",
            ZooWarning,
            stacklevel=3,
        )
    return {"reconstruction_error": worst if math.isfinite(worst) else None}
