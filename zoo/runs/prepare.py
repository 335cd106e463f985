"""A run that was described: checked as a whole, its data and model built, and carried out."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
from jax.sharding import Mesh

from ..checkpoint import has_64_bits, sizes_from_json
from ..datasets import Dataset, load_dataset
from ..datasets.files.located import located
from ..evaluation.evaluate import evaluate
from ..models import check_memory, create_model, model_config, model_shapes, take_weights
from ..nn.dense import draw_standard_normal
from ..objectives.losses import Loss
from ..objectives.parameters import trainable
from ..objectives.updates import AbstractUpdate
from ..placement import Devices, devices_of
from ..placement.processes import in_words
from ..precision import precision
from ..registry import DATASETS, PREPARATIONS
from ..schema import SEED, file_options, options_of, resolve, selected
from ..solve import solvers_of
from ..tasks import task_named
from ..train import Checked, Result, RunFolder, check_fit, fit_checked
from ..train.options import named_loss, training_options
from .config import ResolvedConfig, RunConfig


@dataclass(frozen=True)
class Run:
    """A run that was checked, ready to train: its configuration, data and initial model."""

    config: ResolvedConfig
    checked: Checked
    """What training does, see `zoo.train.fit_checked`."""
    notes: tuple[str, ...] = ()
    """What a user should be told: what was inferred from his data, which weights were taken."""

    @property
    def data(self) -> Dataset:
        """What the run is trained on."""
        return self.checked.data

    @property
    def model(self) -> Any:
        """The initial model."""
        return self.checked.model

    @property
    def devices(self) -> Mesh | None:
        """The devices that share its batches; None for the one that JAX computes on."""
        return self.checked.plan.mesh


def precision_of(config: RunConfig) -> AbstractContextManager[object]:
    """Within it JAX has 64 bits as a description's `x64` says, and as now where it says nothing.

    A run is in 64 bits where that is asked for or JAX has them, and stays so: `x64` is True in the
    configuration of one that is, and False in that with which one goes on that is not.
    """
    return precision(config.x64)


def precision_of_weights(header: Mapping[str, Any]) -> AbstractContextManager[object]:
    """Within it JAX has the bits with which the model of a weight file was trained."""
    config = header["config"]
    told = isinstance(config, Mapping) and config.get("x64") is True
    return precision(told or has_64_bits(header))


def prepare(
    config: RunConfig,
    *,
    beside: Path | None = None,
    begun: bool = False,
    devices: Devices = None,
) -> Run:
    """Check a description as a whole and build what it names; nothing is compiled for a step.

    Files of data are looked for `beside` a run too. One that has `begun` has its weights in a
    checkpoint, and those that it began with are not asked for. `devices` are those of `zoo.fit`.

    Raises `ConfigError` for whatever is wrong with it, and `DataError` where model, loss and data
    do not go together.
    """
    SEED.check("seed", config.seed)
    training = resolve(training_options, config.training)
    settings = training_options(**training)
    named = _told_task(config)
    found = located(config.dataset, named, beside)
    data = load_dataset(config.dataset, seed=config.seed_of_split, **found)
    described = model_config(config.model, data, task=config.task, **config.model_options)
    shapes = model_shapes(described)
    arguments = settings.fit_arguments(solvers_of(shapes), config.resumed)
    check_memory(config.model, shapes, *_kept(shapes, arguments))
    model, notes = _initial(described, data, config, begun)
    resolved = _resolved(config, described, training, data)
    # Where a file was found now is this machine's business; the run keeps the name it was given.
    files = {name: named[name] for name in file_options(_builder_of(config)) if name in named}
    resolved = replace(resolved, dataset_options={**resolved.dataset_options, **files})
    checked = check_fit(model, data, task=resolved.task, devices=devices, **arguments)
    about_task = task_named(resolved.task).notes(data.sampled)
    return Run(resolved, checked, (*data.notes, *about_task, *notes))


def _resolved(
    config: RunConfig, described: Mapping[str, Any], training: Mapping[str, Any], data: Dataset
) -> ResolvedConfig:
    """The configuration of a run whose data are there, of its model's and its training options."""
    kind = PREPARATIONS[data.preprocessing.kind]
    used = (DATASETS[config.dataset], kind, *selected(training_options, training))
    modules = {*described["use"], *(entry.module for entry in used)} - {None}
    given = {field.name: getattr(config, field.name) for field in fields(RunConfig)}
    options = {name: value for name, value in data.options.items() if name != "seed"}
    seen = {
        "task": described["task"],
        "model_options": described["options"],
        "dataset_options": options,
        "training": training,
        "x64": bool(jax.config.read("jax_enable_x64")) or None,
        "use": tuple(sorted(modules)),
        "sizes": sizes_from_json(described),
        "classes": tuple(data.classes),
        "preprocessing": data.preprocessing.to_json(),
    }
    return ResolvedConfig(**given | seen)


def _builder_of(config: RunConfig) -> Callable[..., Any]:
    return DATASETS[config.dataset].builder


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


def _told_task(config: RunConfig) -> dict[str, Any]:
    """The data set's options; one that infers its task is told the one that was asked for, if it
    is one that can be told."""
    options = dict(config.dataset_options)
    inferred = options_of(_builder_of(config)).get("task")
    asked = config.task
    if inferred is not None and asked and inferred.takes(asked):
        told = options.get("task", inferred.default)
        options["task"] = asked if told == inferred.default else told
    return options


def _initial(
    described: Mapping[str, Any], data: Dataset, config: RunConfig, begun: bool
) -> tuple[Any, tuple[str, ...]]:
    """The initial model, and what to tell of it."""
    model = create_model(described, key=jax.random.key(config.seed))
    if config.init == "standard-normal":
        model = draw_standard_normal(model, config.seed)
    if config.source is None or begun:
        return model, ()
    model, taken = take_weights(config.source, model, data, described)
    return model, (str(taken),)


def loss_of(config: RunConfig) -> Loss | AbstractUpdate | None:
    """The loss that a run was trained with; None for the model's own."""
    names = ("loss", "loss_options")
    given = {name: config.training[name] for name in names if name in config.training}
    resolved = resolve(training_options, given)
    return named_loss(resolved["loss"], resolved.get("loss_options"))


def carry_out(
    run: Run, *, progress: bool = False, out: RunFolder | None = None
) -> tuple[Result, dict[str, Any]]:
    """Train a run, in a folder if one is given; the result, and its metrics on the test split."""
    key = jax.random.fold_in(jax.random.key(run.config.seed), 1)
    result = fit_checked(run.checked, key=key, progress=progress, out=out)
    task, loss, devices = run.config.task, run.checked.loss, devices_of(run.devices)
    with in_words():
        return result, evaluate(result.model, run.data, task=task, loss=loss, devices=devices)
