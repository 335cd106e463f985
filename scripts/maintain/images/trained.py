"""A model of images trained for some epochs and scored on its test part: one row of a study."""

import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
from json_lines import Row, read_lines

from zoo import AbstractModel, Dataset, count_parameters, evaluate, fit
from zoo.solve import Solver, solvers_of
from zoo.train.options import training_options

BATCH = 128


def trained(
    model: AbstractModel,
    data: Dataset,
    name: str,
    *,
    epochs: int,
    seed: int,
    training: Mapping[str, Any],
    folder: Path | None = None,
) -> Row:
    """Train and score a model; progress is told on standard output, under its `name`.

    The evaluations are those that each test image needs by itself, whatever the batch it trained
    in; `step_ms` is a training step without its compilation, on a machine that others may share.

    Args:
        model: with its initial weights.
        data: whose test part scores the last weights.
        name: what to call the run.
        epochs: how often each training image is shown.
        seed: of the batches.
        training: options of `zoo.train.options.training_options`.
        folder: where checkpoints are kept, from which a run that was stopped goes on; None for
            none.
    """
    steps = epochs * -(-len(data.train["x"]) // BATCH)
    options = training_options(steps=steps, batch_size=BATCH, eval_every=steps, **training)
    key = jax.random.fold_in(jax.random.key(seed), 1)
    print(f"{name}: {steps} steps", flush=True)
    began = time.perf_counter()
    resume = folder is not None and folder.exists()
    arguments = options.fit_arguments(solvers_of(model))
    result = fit(model, data, key=key, out=folder, resume=resume, **arguments)
    seconds = _before_too(folder) if folder else time.perf_counter() - began
    print(f"{name}: trained in {seconds:.0f} s", flush=True)
    found = {
        "trained_on": len(data.train["x"]),
        **_scores(result.model, data),
        "parameters": count_parameters(result.model),
        "seconds": round(seconds, 1),
        "step_ms": round(1e3 / max(result.history.steps_per_second, 1e-9), 2),
        "device": jax.devices()[0].device_kind,
        "versions": {name: version(name) for name in ("jax", "equinox", "diffrax", "optax")},
    }
    print(f"{name}: accuracy {found['accuracy']:.4f}, NFE {found['nfe']:.1f}", flush=True)
    return found


def _before_too(folder: Path) -> float:
    """The seconds of all steps of a run, those before it was stopped too."""
    return sum(row["seconds"] for row in read_lines(folder / "times.jsonl", ["step"]).values())


def _scores(model: AbstractModel, data: Dataset) -> dict[str, Any]:
    alone = Solver(batching="per-sample") if solvers_of(model) else None
    metrics = evaluate(model, data, solver=alone, batch_size=min(1000, len(data.test["x"])))
    names = ("accuracy", "loss", "nfe", "nfe_max", "failed", "reconstruction_error")
    return {name: metrics[name] for name in names if name in metrics}
