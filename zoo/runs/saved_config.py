"""The configuration of a run as it was saved: read, and checked against the schema, once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ..checkpoint import check_kinds, needed_modules, sizes_from_json
from ..datasets import load_dataset
from ..errors import CheckpointError, UnknownNameError, ZooError
from ..models import model_tasks
from ..recipes.base import Init
from ..registry import DATASETS, MODELS
from ..schema import (
    PositiveFloat,
    PositiveInt,
    Seed,
    check_fields,
    check_sizes,
    options_of,
    resolve,
)
from ..train.layout import check_layout
from ..train.options import as_before, named_loss, training_options, with_new_names


class Training(TypedDict):
    """What a run's training options always hold, since it may go on with others."""

    steps: PositiveInt
    lr: PositiveFloat


class SavedRun(TypedDict):
    """What a run says beside its model, of which `zoo.checkpoint` knows the kinds alone."""

    task: str
    dataset: str
    dataset_options: Mapping[str, Any]
    training: Mapping[str, Any]
    seed: Seed
    split_seed: NotRequired[Seed]
    init: NotRequired[Init]


def saved_config(folder: Path) -> dict[str, Any] | None:
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
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}. {_WAY_OUT}") from error
    config = check_run_config(config, path, _WAY_OUT)
    return {**config, "training": as_before(config["training"])}


def check_run_config(config: object, path: Path, way_out: str) -> dict[str, Any]:
    """`config`, if it is a run's: every value has its type and is within its range.

    `path` is the file that it is from, and `way_out` what to do about that.

    Raises `CheckpointError` with the value that is wrong, and `UnknownNameError` with the modules
    to `use` where it names what is not known here.
    """
    try:
        _check(config)
    except UnknownNameError as error:
        modules = error.modules or needed_modules(config)  # type: ignore[arg-type]
        if modules:
            raise UnknownNameError(str(error), modules) from None
        raise CheckpointError(f"{path} is no run's configuration: {error} {way_out}") from error
    except (ZooError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        words = str(error).rstrip(".")
        raise CheckpointError(f"{path} is no run's configuration: {words}. {way_out}") from error
    assert isinstance(config, dict)
    return config


def _check(config: Any) -> None:
    check_kinds(config)
    check_fields(SavedRun, config)
    check_fields(Training, config["training"], "training.")
    training = resolve(training_options, with_new_names(config["training"]))
    training_options(**training)
    named_loss(training["loss"], training.get("loss_options"))
    builder = MODELS[config["model"]].builder
    resolve(builder, config["options"], "model.")
    check_sizes(builder, sizes_from_json(config))
    if config["task"] not in model_tasks(config["model"]):
        raise ValueError(f"task = {config['task']!r} is none of the model {config['model']!r}")
    given = dict(config["dataset_options"])
    shared = {name: given.pop(name) for name in options_of(load_dataset) if name in given}
    resolve(load_dataset, shared, "dataset.")
    resolve(DATASETS[config["dataset"]].builder, given, "dataset.")


_WAY_OUT = (
    "Put back what was there, which card.md shows too; or move the file away and give the run's "
    "options again, which commands.txt holds."
)
