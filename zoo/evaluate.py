"""A model on a split: metrics, cost, and whether its solves can be trusted."""

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from .datasets import Dataset
from .datasets.base import Arrays
from .errors import ZooWarning
from .metrics import task_metrics
from .models import choose_task
from .parameters import check_parameters, own_solver
from .solve import Solver, explain
from .types import Aux, Stats
from .updates import AbstractUpdate, as_update


@runtime_checkable
class Reversible(Protocol):
    """A model that can say how well its solves run backwards, as `ODENet` does."""

    def reconstruction_error(self, xs: Any, *, args: Any = None, solver: Any = None) -> Array:
        """The relative error of each example after a solve forwards and back."""


def evaluate(
    model: Any,
    data: Dataset,
    *,
    split: str = "test",
    task: str | None = None,
    solver: Solver | None = None,
    batch_size: int | None = None,
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
        solver: laid over the model's own: `Solver(rtol=1e-2)` changes that alone.
        batch_size: examples of one compiled evaluation, at most 128 where not given.

    Raises `NumericalError` for weights that are not finite.
    """
    check_parameters(model)
    task = choose_task(type(model).__name__, model.objectives, data, task)
    update = as_update(model.objectives[task])
    arrays = data.split(split)
    traced = traced_solver(model, solver)
    values, aux = evaluate_arrays(model, update, arrays, traced, batch_size)
    stats = aux.stats
    ok = np.asarray(stats.ok)
    result: dict[str, Any] = {"split": split, "n": len(values), "task": task}
    result["loss"] = float(values[ok].mean()) if ok.any() else math.nan
    if aux.prediction is None or "y" not in arrays:
        result |= {name: float(each[ok].mean()) for name, each in aux.metrics.items()}
    else:
        result |= task_metrics(task, data, np.asarray(aux.prediction), arrays["y"], ok)
    return result | _cost(stats, traced) | _reconstruction(model, arrays, traced, batch_size)


def predict(
    model: Any,
    xs: Any,
    *,
    data: Dataset | None = None,
    solver: Solver | None = None,
    batch_size: int = 128,
) -> np.ndarray:
    """The model's outputs for inputs `xs`, [N, ...], in batches of one shape.

    Where `data` is given, `xs` are raw: they are standardised as the training data were, and a
    regression's outputs come back in the targets' unit. A failed solve gives NaN and a warning.
    """
    check_parameters(model)
    xs = np.asarray(xs) if data is None else data.inputs(np.asarray(xs))
    traced = traced_solver(model, solver)
    batches = _batches({"x": xs}, min(batch_size, max(len(xs), 1)))
    parts = [(*_forward(model, batch["x"], traced), real) for batch, real in batches]
    reals = [real for *_, real in parts]
    outputs = _join([ys for ys, *_ in parts], reals)
    stats = join_stats([stats for _, stats, _ in parts], reals)
    _warn_of_failures(stats, traced)
    regression = data is not None and "regression" in data.tasks
    return data.targets(outputs) if data is not None and regression else outputs


def traced_solver(model: Any, solver: Solver | None) -> Solver | None:
    """The solver that will run, its numbers all arrays; None for a model that has none."""
    own = own_solver(model)
    if own is None:
        return None if solver is None else solver.traced()
    return (own if solver is None else solver.over(own)).traced()


def evaluate_arrays(
    model: Any,
    update: AbstractUpdate,
    arrays: Arrays,
    solver: Solver | None,
    batch_size: int | None = None,
) -> tuple[np.ndarray, Aux]:
    """The loss of every example and all of `Aux`, on the host; one trace whatever the split."""
    parts, reals = [], []
    for batch, real in _batches(arrays, batch_size or min(128, len(arrays["x"]))):
        parts.append(_evaluate_batch(model, update, batch, solver))
        reals.append(real)
    stats = join_stats([aux.stats for _, aux in parts], reals)
    rest = [(values, aux.metrics, aux.prediction) for values, aux in parts]
    values, metrics, prediction = _join(rest, reals)
    return values, Aux(stats, metrics, prediction)


@eqx.filter_jit
def _evaluate_batch(
    model: Any, update: AbstractUpdate, batch: Mapping[str, Array], solver: Solver | None
) -> tuple[Array, Aux]:
    return update.loss(model, batch, key=None, step=jnp.zeros((), jnp.int32), solver=solver)


@eqx.filter_jit
def _forward(model: Any, xs: Array, solver: Solver | None) -> tuple[Array, Stats]:
    return model.forward(xs, solver=solver)


@eqx.filter_jit
def _reconstruct(model: Reversible, xs: Array, args: Any, solver: Solver | None) -> Array:
    return model.reconstruction_error(xs, args=args, solver=solver)


def _batches(arrays: Arrays, size: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Batches of one shape; the last is filled up with its own first examples."""
    count = len(arrays["x"])
    for start in range(0, max(count, 1), size):
        real = min(size, count - start)
        rows = start + np.arange(size) % max(real, 1)
        yield {name: values[rows] if count else values for name, values in arrays.items()}, real


def _join(parts: list[Any], reals: list[int]) -> Any:
    """The real examples of all batches, on the host."""
    cut = lambda tree, real: jax.tree.map(lambda x: np.asarray(x)[:real], tree)  # noqa: E731
    trees = [cut(tree, real) for tree, real in zip(parts, reals, strict=True)]
    return jax.tree.map(lambda *xs: np.concatenate(xs), *trees)


def join_stats(parts: list[Stats], reals: list[int]) -> Stats:
    """The stats of the real examples of all batches; `calls` add up."""
    calls = np.asarray(sum(int(stats.calls) for stats in parts))
    where = lambda stats: stats.calls  # noqa: E731
    joined = _join([eqx.tree_at(where, stats, None) for stats in parts], reals)
    return eqx.tree_at(where, joined, calls, is_leaf=lambda x: x is None)


def _cost(stats: Stats, solver: Solver | None) -> dict[str, Any]:
    nfe = np.asarray(stats.nfe)
    known = len(nfe) > 0 and nfe.min() >= 0
    cost: dict[str, Any] = {
        "nfe": float(nfe.mean()) if known else None,
        "nfe_max": int(nfe.max()) if known else None,
        "accepted": float(np.mean(stats.accepted)),
        "rejected": float(np.mean(stats.rejected)),
        "failed": int((~np.asarray(stats.ok)).sum()),
    }
    _warn_of_failures(stats, solver)
    return cost


def _warn_of_failures(stats: Stats, solver: Solver | None) -> None:
    if solver is not None and not np.asarray(stats.ok).all():
        words = explain(stats, float(solver.t0 or 0), float(1 if solver.t1 is None else solver.t1))
        warnings.warn(words, ZooWarning, stacklevel=4)


def _reconstruction(
    model: Any, arrays: Arrays, solver: Solver | None, batch_size: int | None
) -> dict[str, Any]:
    if solver is None or not isinstance(model, Reversible):
        return {}
    errors = []
    for batch, real in _batches(arrays, batch_size or min(128, len(arrays["x"]))):
        error = _reconstruct(model, batch["x"], batch.get("args"), solver)
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
