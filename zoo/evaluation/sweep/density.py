"""Likelihood and draws of one trained density, by what its solves may cost."""

from collections.abc import Iterator, Sequence

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from ...datasets import Dataset
from ...datasets.base import Arrays
from ...errors import ConfigError
from ...models import choose_task
from ...models.base import AbstractModel
from ...models.densities import AbstractDensity
from ...objectives.updates import AbstractUpdate, as_update
from ...solve import Solver
from ...solve.methods import method_by_name
from ...tasks import Task, task_named
from ..batched import evaluate_arrays, mean_nfe
from ..densities import has_density
from ..densities.draws import compare_draws
from .setting import Row, as_number, solver_of

TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
EVALUATIONS = (2, 4, 8, 32)
METHODS = {"Euler": 1, "Midpoint": 2}
"""Methods of equal steps, and the evaluations of a step."""


def density_rows(
    model: AbstractModel,
    data: Dataset,
    *,
    task: str | None = None,
    split: str = "test",
    methods: Sequence[str] = tuple(METHODS),
    evaluations: Sequence[int] = EVALUATIONS,
    tolerances: Sequence[float] = TOLERANCES,
    limit: int = 1024,
    key: PRNGKeyArray | None = None,
) -> Iterator[Row]:
    """A row for each number of equal steps by each method, and for each tolerance of the model's
    own: `nll` beside `gaussian_nll`, and `sliced_w2` of draws beside `sliced_w2_train`.

    `nfe` are the evaluations of log p(x) of an example, `nfe_sample` those of a draw. What is drawn
    in few steps is no longer of the density whose log p(x) those few steps make, which need not
    have the integral 1: the distance of the draws can be trusted, a likelihood in few steps cannot.

    Args:
        model: a density.
        data: what it was trained on.
        task: the first in common where not given.
        split: `train`, `val` or `test`.
        methods: of equal steps, among `METHODS`.
        evaluations: of a solve by these.
        tolerances: rtol = atol.
        limit: examples, and draws.
        key: of the draws; `jax.random.key(0)` where not given.

    Raises `ConfigError` for a model of no density.
    """
    task = choose_task(type(model).__name__, model.objectives, data, task)
    density = check_density(model, task)
    update, arrays = as_update(model.objectives[task]), _first(data, split, limit)
    key = jax.random.key(0) if key is None else key
    grids: list[tuple[str, Solver, Row]] = [
        (method, Solver(method_by_name(method), steps=count // METHODS[method]), {})
        for method in methods
        for count in evaluations
        if count % METHODS[method] == 0
    ]
    grids += [("adaptive", Solver(rtol=rtol), {"rtol": rtol}) for rtol in tolerances]
    for by, given, told in grids:
        row = _row(density, data, update, task_named(task), arrays, given, key)
        yield Row(by=by) | told | row


def _first(data: Dataset, split: str, limit: int) -> Arrays:
    """The first examples of a split."""
    return {name: values[:limit] for name, values in data.sampled.split(split).items()}


def check_density(model: AbstractModel, task: str) -> AbstractDensity:
    """The model as a density. Raises `ConfigError` for one that is none."""
    if not has_density(model, task_named(task)):
        raise ConfigError(
            f"{type(model).__name__}, trained for {task}, is no density that can be drawn from: "
            "expected a model such as cnf, or leave the sweep `likelihood` out (--kinds)."
        )
    return model


def _row(
    model: AbstractDensity,
    data: Dataset,
    update: AbstractUpdate,
    task: Task,
    arrays: Arrays,
    given: Solver,
    key: PRNGKeyArray,
) -> Row:
    solver = solver_of(model, given)
    _, aux = evaluate_arrays(model, update, arrays, solver, None, key)
    ok = np.asarray(aux.stats.ok)
    told = task.metrics(np.asarray(aux.prediction), arrays, data, ok)
    names = [name for name in (task.metric, task.baseline) if name is not None]
    compared = compare_draws(model, arrays, data.sampled.train, key=key, solver=solver)
    return {
        "nfe": mean_nfe(aux.stats.nfe),
        "nfe_sample": compared.nfe_sample,
        **{name: as_number(told.get(name)) for name in names},
        "sliced_w2": compared.sliced_w2,
        "sliced_w2_train": compared.sliced_w2_train,
        "failed": int((~ok).sum()) + compared.failed_draws,
    }
