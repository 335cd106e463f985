"""A whole run as data: what the command line and a recipe describe, and how it is carried out."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import equinox as eqx
import jax

from ..checkpoint import has_64_bits
from ..datasets import Dataset, load_dataset
from ..datasets.files.located import located
from ..evaluation.evaluate import evaluate
from ..models import check_memory, create_model, model_config, model_shapes, take_weights
from ..nn.dense import draw_standard_normal
from ..objectives.losses import Loss
from ..objectives.parameters import trainable
from ..precision import precision
from ..registry import DATASETS, PREPARATIONS, RECIPES
from ..schema import SEED, file_options, options_of, resolve, selected
from ..solve import solvers_of
from ..train import Result, RunFolder, fit
from ..train.checks import check_fit
from ..train.options import named_loss, training_options


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
        **({"x64": True} if recipe.x64 else {}),
    }


def precision_of(config: Mapping[str, Any]) -> AbstractContextManager[object]:
    """Within it JAX has 64 bits as a configuration's `x64` says, and as now where it says nothing.

    A run is in 64 bits where that is asked for or JAX has them, and stays so: `x64` is in the
    configuration of one that is, and False in that with which one goes on that is not.
    """
    return precision(config.get("x64"))


def precision_of_weights(header: Mapping[str, Any]) -> AbstractContextManager[object]:
    """Within it JAX has the bits with which the model of a weight file was trained."""
    config = header["config"]
    told = isinstance(config, Mapping) and config.get("x64") is True
    return precision(told or has_64_bits(header))


def split_seed_of(config: Mapping[str, Any]) -> int:
    """The seed of a run's split: its own, or the one that decides weights and batches too."""
    split_seed = config.get("split_seed")
    return config["seed"] if split_seed is None else split_seed


def prepare(
    config: Mapping[str, Any], seed: int, *, beside: Path | None = None, begun: bool = False
) -> Run:
    """Check a configuration as a whole and build what it names; nothing is compiled for a step.

    `config` holds `model`, `model_options`, `dataset`, `dataset_options`, `training`, and perhaps
    `task`, `init`, `recipe`, `from` (a weight file whose weights are taken where they fit), `x64`
    (see `precision_of`), `resumed` (see `zoo.train.schedules`) and `split_seed`. `seed` decides the
    initial weights and the batches, and `split_seed` the split and the points of a data set that
    draws them: `seed` too where it is not given. Files of data are looked for `beside` a run too.
    One that has `begun` has its weights in a checkpoint, and those that it began with are not asked
    for.

    Raises `ConfigError` for whatever is wrong with it, and `DataError` where model, loss and data
    do not go together.
    """
    SEED.check("seed", seed)
    training = resolve(training_options, config.get("training", {}))
    settings = training_options(**training)
    named = _told_task(config)
    split_seed = split_seed_of({**config, "seed": seed})
    found = located(config["dataset"], named, beside)
    data = load_dataset(config["dataset"], seed=split_seed, **found)
    # Where a file was found now is this machine's business; the run keeps the name it was given.
    builder = DATASETS[config["dataset"]].builder
    files = {name: named[name] for name in file_options(builder) if name in named}
    options = config.get("model_options", {})
    described = model_config(config["model"], data, task=config.get("task"), **options)
    shapes, resumed = model_shapes(described), config.get("resumed", [])
    arguments = settings.fit_arguments(solvers_of(shapes), resumed)
    check_memory(config["model"], shapes, *_kept(shapes, arguments))
    init = config.get("init", "default")
    model, notes = _initial(described, data, init, None if begun else config.get("from"), seed)
    kind = PREPARATIONS[data.preprocessing.kind]
    used = (DATASETS[config["dataset"]], kind, *selected(training_options, training))
    modules = {*described["use"], *(entry.module for entry in used)} - {None}
    resolved = {
        **described,
        "use": sorted(modules),
        "recipe": config.get("recipe"),
        "dataset": config["dataset"],
        "dataset_options": {k: v for k, v in data.options.items() if k != "seed"} | files,
        "training": training,
        "init": init,
        "seed": seed,
        "classes": list(data.classes),
        "preprocessing": data.preprocessing.to_json(),
    }
    x64 = bool(jax.config.read("jax_enable_x64"))
    told = {"resumed": resumed, "from": config.get("from"), "x64": x64}
    resolved |= {name: value for name, value in told.items() if value}
    if config.get("split_seed") is not None:
        resolved["split_seed"] = config["split_seed"]
    check_fit(model, data, task=described["task"], **arguments)
    return Run(resolved, data, model, arguments, (*data.notes, *notes))


def _kept(shapes: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """What training keeps beside a model, as shapes: its gradient, and before and after a step what
    the optimiser remembers, a moving average and the best weights."""

    def beside(model: Any) -> tuple[Any, Any]:
        gradient = eqx.filter(model, trainable(model))
        return gradient, arguments["optimiser"].init(gradient)

    gradient, remembered = eqx.filter_eval_shape(beside, shapes)
    best = arguments["keep_best"] or arguments["patience"] is not None
    copies = (arguments["ema"] is not None) + best
    return gradient, shapes, *[remembered, *[shapes] * copies] * 2


def _told_task(config: Mapping[str, Any]) -> dict[str, Any]:
    """The data set's options; one that infers its task is told the one that was asked for, if it
    is one that can be told."""
    options = dict(config.get("dataset_options", {}))
    inferred = options_of(DATASETS[config["dataset"]].builder).get("task")
    asked = config.get("task")
    if inferred is not None and asked and inferred.takes(asked):
        told = options.get("task", inferred.default)
        options["task"] = asked if told == inferred.default else told
    return options


def _initial(
    described: Mapping[str, Any], data: Dataset, init: str, source: str | None, seed: int
) -> tuple[Any, tuple[str, ...]]:
    """The initial model, and what to tell of it."""
    model = create_model(described, key=jax.random.key(seed))
    if init == "standard-normal":
        model = draw_standard_normal(model, seed)
    if source is None:
        return model, ()
    model, taken = take_weights(source, model, data, described)
    return model, (str(taken),)


def loss_of(config: Mapping[str, Any]) -> Loss | None:
    """The loss that a run was trained with; None for the model's own."""
    training = config.get("training", {})
    given = {name: training[name] for name in ("loss", "loss_options") if name in training}
    resolved = resolve(training_options, given)
    return named_loss(resolved["loss"], resolved.get("loss_options"))


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
