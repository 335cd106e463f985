"""One run of the study: a contender trained with the settings of all, and scored on test images."""

import dataclasses
import time
import warnings
from importlib.metadata import version
from typing import Any

import jax
from json_lines import Row

from zoo import AbstractModel, Dataset, count_parameters, create_model, evaluate, fit, load_dataset
from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning
from zoo.models import StagedResNet
from zoo.solve import Solver, solvers_of
from zoo.train.options import training_options

from .contenders import CONTENDERS, Contender
from .store import Trial

BATCH = 128
TRAINING = {
    "optimiser": "adamw",
    "lr": 3e-3,
    "schedule": "cosine",
    "weight_decay": 0.1,
    "keep_best": False,
}
"""Of every contender; the result is the last weights, and no score chose anything."""


def run(trial: Trial) -> tuple[Trial, Row]:
    """Train and score a contender; progress is told on standard output.

    The evaluations are those that each test image needs by itself, whatever the batch it trained
    in; `step_ms` is a training step without its compilation, on a machine that others may share.
    """
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    data = _data(trial)
    model = _model(CONTENDERS[trial.contender], data, trial.seed)
    steps = trial.epochs * -(-len(data.train["x"]) // BATCH)
    options = training_options(steps=steps, batch_size=BATCH, eval_every=steps, **TRAINING)
    key = jax.random.fold_in(jax.random.key(trial.seed), 1)
    _tell(trial, f"{steps} steps")
    began = time.perf_counter()
    result = fit(model, data, key=key, **options.fit_arguments(solvers_of(model)))
    seconds = time.perf_counter() - began
    _tell(trial, f"trained in {seconds:.0f} s")
    found = {
        "trained_on": len(data.train["x"]),
        **_scores(result.model, data),
        "parameters": count_parameters(result.model),
        "seconds": round(seconds, 1),
        "step_ms": round(1e3 / max(result.history.steps_per_second, 1e-9), 2),
        "device": jax.devices()[0].device_kind,
        "versions": {name: version(name) for name in ("jax", "equinox", "diffrax", "optax")},
    }
    _tell(trial, f"accuracy {found['accuracy']:.4f}, NFE {found['nfe']:.1f}")
    return trial, found


def _data(trial: Trial) -> Dataset:
    """All but a fiftieth of the images train; validation takes no part in the result."""
    data = load_dataset(trial.dataset, seed=trial.seed, split="96/2/2", n=trial.images)
    test = {name: values[: trial.test] for name, values in data.test.items()}
    return dataclasses.replace(data, test=test)


def _model(contender: Contender, data: Dataset, seed: int) -> AbstractModel:
    options = contender.options(contender.width)
    model = create_model(contender.model, data, key=jax.random.key(seed), **options)
    return StagedResNet([()], model.outer) if contender.without_block else model


def _scores(model: AbstractModel, data: Dataset) -> dict[str, Any]:
    alone = Solver(batching="per-sample") if solvers_of(model) else None
    metrics = evaluate(model, data, solver=alone, batch_size=min(1000, len(data.test["x"])))
    names = ("accuracy", "loss", "nfe", "nfe_max", "failed", "reconstruction_error")
    return {name: metrics[name] for name in names if name in metrics}


def _tell(trial: Trial, words: str) -> None:
    print(f"{trial.contender}, {trial.images} images, seed {trial.seed}: {words}", flush=True)
