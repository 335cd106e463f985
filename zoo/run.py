"""A whole run as data: what the command line and a recipe describe, and how it is carried out."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax

from .checkpoint import transfer
from .datasets import Dataset, load_dataset
from .evaluate import evaluate
from .layers import draw_standard_normal
from .losses import Loss
from .models import check_memory, create_model, model_config, model_shapes
from .parameters import own_solver, trainable
from .registry import DATASETS, RECIPES
from .schema import options_of, resolve, selected
from .train import Result, RunFolder, fit
from .train.fit import check_fit
from .train.options import named_loss, training_options


@dataclass(frozen=True)
class Run:
    """A run that was checked, ready to train: its configuration, data and initial model."""

    config: dict[str, Any]
    data: Dataset
    model: Any
    arguments: dict[str, Any]
    notes: tuple[str, ...] = ()
    """What a user should be told: what was inferred from his data, which weights were taken."""


def recipe_config(name: str) -> dict[str, Any]:
    """A registered recipe as a configuration for `prepare`."""
    recipe = RECIPES[name].builder()
    return {
        "recipe": name,
        "model": recipe.model,
        "model_options": dict(recipe.model_options),
        "dataset": recipe.dataset,
        "dataset_options": dict(recipe.dataset_options),
        "training": dict(recipe.training),
        "init": recipe.init,
        "x64": recipe.x64,
    }


def precision_of(config: Mapping[str, Any]) -> AbstractContextManager[object]:
    """Within it JAX has 64 bits if a configuration's `x64` asks for them, and else as it has."""
    return jax.enable_x64(True) if config.get("x64") else nullcontext()


def prepare(config: Mapping[str, Any], seed: int) -> Run:
    """Check a configuration as a whole and build what it names; nothing is compiled for a step.

    `config` holds `model`, `model_options`, `dataset`, `dataset_options`, `training`, and perhaps
    `task`, `init`, `recipe`, `from` (a weight file whose weights are taken where they fit), `x64`
    (see `precision_of`) and `resumed` (see `zoo.train.schedules`). `seed` decides the split, the
    initial weights and the batches. Raises `ConfigError` for whatever is wrong with it.
    """
    training = resolve(training_options, config.get("training", {}))
    settings = training_options(**training)
    data = load_dataset(config["dataset"], seed=seed, **_told_task(config))
    options = config.get("model_options", {})
    described = model_config(config["model"], data, task=config.get("task"), **options)
    shapes, resumed = model_shapes(described), config.get("resumed", [])
    arguments = settings.fit_arguments(own_solver(shapes), resumed)
    check_memory(config["model"], shapes, *_kept(shapes, arguments))
    init = config.get("init", "default")
    model, notes = _initial(described, init, config.get("from"), seed)
    used = (DATASETS[config["dataset"]], *selected(training_options, training))
    modules = {*described["use"], *(entry.module for entry in used)} - {None}
    resolved = {
        **described,
        "use": sorted(modules),
        "recipe": config.get("recipe"),
        "dataset": config["dataset"],
        "dataset_options": {k: v for k, v in data.options.items() if k != "seed"},
        "training": training,
        "init": init,
        "seed": seed,
        "classes": list(data.classes),
        "preprocessing": data.preprocessing.to_json(),
    }
    told = {"resumed": resumed, "from": config.get("from"), "x64": config.get("x64")}
    resolved |= {name: value for name, value in told.items() if value}
    check_fit(model, data, task=described["task"], **arguments)
    return Run(resolved, data, model, arguments, (*data.notes, *notes))


def _kept(shapes: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """What training keeps beside a model, as shapes: its gradient, and before and after a step what
    the optimiser remembers, a moving average and the best weights."""

    def beside(model: Any) -> tuple[Any, Any]:
        gradient = eqx.filter(model, trainable(model))
        return gradient, arguments["optimiser"].init(gradient)

    gradient, remembered = eqx.filter_eval_shape(beside, shapes)
    copies = (arguments["ema"] is not None) + (arguments["patience"] is not None)
    return gradient, shapes, *[remembered, *[shapes] * copies] * 2


def _told_task(config: Mapping[str, Any]) -> dict[str, Any]:
    """The data set's options; one that infers its task is told the one that was asked for."""
    options = dict(config.get("dataset_options", {}))
    infers = "task" in options_of(DATASETS[config["dataset"]].builder)
    if infers and config.get("task") and options.get("task", "auto") == "auto":
        options["task"] = config["task"]
    return options


def _initial(
    described: Mapping[str, Any], init: str, source: str | None, seed: int
) -> tuple[Any, tuple[str, ...]]:
    """The initial model, and what to tell of it."""
    model = create_model(described, key=jax.random.key(seed))
    if init == "standard-normal":
        model = draw_standard_normal(model, seed)
    if source is None:
        return model, ()
    model, taken = transfer(source, model)
    return model, (f"From {source} {taken}.",)


def loss_of(config: Mapping[str, Any]) -> Loss | None:
    """The loss that a run was trained with; None for the model's own."""
    training = config.get("training", {})
    return named_loss(training.get("loss"), training.get("loss_options"))


def carry_out(
    run: Run, *, progress: bool = False, out: RunFolder | None = None
) -> tuple[Result, dict[str, Any]]:
    """Train a run, in a folder if one is given; the result, and its metrics on the test split."""
    key = jax.random.fold_in(jax.random.key(run.config["seed"]), 1)
    task = run.config["task"]
    result = fit(
        run.model, run.data, key=key, task=task, progress=progress, out=out, **run.arguments
    )
    loss = run.arguments["loss"]
    return result, evaluate(result.model, run.data, task=task, loss=loss)
