"""One run: trained, stopped and scored, on parts of a data set that a study may look at."""

import dataclasses
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from json_lines import Row

from zoo import Dataset, create_model, fit, load_dataset, model_config, predict
from zoo.errors import ZooWarning
from zoo.solve import Solver, solvers_of
from zoo.tasks import task_named
from zoo.train.options import training_options

from .candidates import CANDIDATES
from .store import Key


def without_test(data: Dataset) -> Dataset:
    """The data set whose `test` is the validation split, and whose `val` a quarter of `train`.

    The test split is not in it: what chooses the best weights and what scores them are apart, and
    neither is what the defaults are judged by in the end.
    """
    count = len(data.train["x"])
    held = np.arange(count) >= round(0.75 * count)  # a split is in random order
    train, val = (
        {name: values[part] for name, values in data.train.items()} for part in (~held, held)
    )
    return dataclasses.replace(data, train=train, val=val, test=data.val)


def trials(keys: Sequence[Key], on_test: bool) -> list[tuple[Key, Row]]:
    """Several runs, after one another in this process."""
    warnings.simplefilter("ignore", ZooWarning)
    return [(key, trial(*key, on_test=on_test)) for key in keys]


def trial(name: str, dataset: str, model: str, seed: int, *, on_test: bool) -> dict[str, Any]:
    """Train a candidate and score it: by its last weights, and by its best ones.

    What `zoo train --seed` does with the same settings, to the same weights. The score is the
    accuracy, or R².
    """
    data = load_dataset(dataset, seed=seed)
    data = data if on_test else without_test(data)
    config = model_config(model, data, **CANDIDATES[name].model_options(model))
    net = create_model(config, key=jax.random.key(seed))
    arguments = _arguments(name, tuple(solvers_of(net)))
    began = time.process_time()
    result = fit(net, data, key=jax.random.fold_in(jax.random.key(seed), 1), **arguments)
    seconds = time.process_time() - began
    task, state = result.task, result.state
    best = state.best if np.isfinite(state.best_value) else state.evaluated
    return {
        "last": score(state.evaluated, data, task),
        "best": score(best, data, task),
        "best_step": int(state.best_step),
        "seconds": round(seconds, 2),
    }


def score(model: Any, data: Dataset, task: str) -> float:
    """Accuracy or R² on the `test` of a data set."""
    outputs = predict(model, data.test["x"])
    solved = np.isfinite(outputs).all(axis=-1)
    metrics: Mapping[str, Any] = task_named(task).metrics(outputs, data.test, data, solved)
    if "accuracy" in metrics:
        return float(metrics["accuracy"])
    return float(np.mean(list(metrics["r2"].values())))


@lru_cache(maxsize=1)  # one optimiser for all seeds, so that the step is compiled once
def _arguments(name: str, solvers: tuple[Solver, ...]) -> dict[str, Any]:
    return training_options(**CANDIDATES[name].training, keep_best=True).fit_arguments(
        list(solvers)
    )
