"""The configuration of a run as it was saved: read, and checked against the schema, once."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from ..checkpoint import needed_modules
from ..datasets import load_dataset
from ..errors import CheckpointError, UnknownNameError, ZooError
from ..models import model_tasks
from ..registry import DATASETS, MODELS
from ..schema import (
    PositiveFloat,
    PositiveInt,
    check_fields,
    check_sizes,
    options_of,
    resolve,
)
from ..train.folder.earlier import as_before, with_new_names
from ..train.folder.layout import check_layout
from ..train.options import named_loss, training_options
from .config import ResolvedConfig


class Training(TypedDict):
    """What a run's training options always hold, since it may go on with others."""

    steps: PositiveInt
    lr: PositiveFloat


def saved_config(folder: Path) -> ResolvedConfig | None:
    """The `config.json` of a run's folder, or None where it was stopped before it wrote one.

    A training option that the run does not know is as it was before there was one.

    Raises what `check_run_config` does, and `CheckpointError` for a file that cannot be read or a
    folder in the place of one of the run's files.
    """
    if not folder.is_dir():
        return None
    check_layout(folder)
    path = folder / "config.json"
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}. {_WAY_OUT}") from error
    config = check_run_config(values, path, _WAY_OUT)
    return replace(config, training=as_before(config.training))


def check_run_config(values: object, path: Path, way_out: str) -> ResolvedConfig:
    """The configuration of a run, of JSON values that each have their type and are in range.

    `path` is the file that it is from, and `way_out` what to do about that.

    Raises `CheckpointError` with the value that is wrong, and `UnknownNameError` with the modules
    to `use` where it names what is not known here.
    """
    try:
        config = ResolvedConfig.from_json(values)
        _check(config)
    except UnknownNameError as error:
        modules = error.modules or needed_modules(values)  # type: ignore[arg-type]
        if modules:
            raise UnknownNameError(str(error), modules) from None
        raise CheckpointError(f"{path} is no run's configuration: {error} {way_out}") from error
    except (ZooError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        words = str(error).rstrip(".")
        raise CheckpointError(f"{path} is no run's configuration: {words}. {way_out}") from error
    return config


def _check(config: ResolvedConfig) -> None:
    check_fields(Training, config.training, "training.")
    training = resolve(training_options, with_new_names(config.training))
    training_options(**training)
    named_loss(training["loss"], training.get("loss_options"))
    builder = MODELS[config.model].builder
    resolve(builder, config.model_options, "model.")
    check_sizes(builder, config.sizes)
    if config.task not in model_tasks(config.model):
        raise ValueError(f"task = {config.task!r} is none of the model {config.model!r}")
    given = dict(config.dataset_options)
    shared = {name: given.pop(name) for name in options_of(load_dataset) if name in given}
    resolve(load_dataset, shared, "dataset.")
    resolve(DATASETS[config.dataset].builder, given, "dataset.")


_WAY_OUT = (
    "Put back what was there, which card.md shows too; or move the file away and give the run's "
    "options again, which commands.txt holds."
)
