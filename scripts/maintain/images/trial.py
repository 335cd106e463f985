"""One run of the study: a contender trained with the settings of all, and scored on test images."""

import dataclasses
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from json_lines import Row

from zoo import AbstractModel, Dataset, create_model, load_dataset
from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning
from zoo.models import StagedResNet

from .contenders import CONTENDERS, Contender
from .store import Trial
from .trained import trained

TRAINING = {
    "optimiser": "adamw",
    "lr": 3e-3,
    "schedule": "cosine",
    "weight_decay": 0.1,
    "keep_best": False,
}
"""Of every contender; the result is the last weights, and no score chose anything."""


def run(
    trial: Trial,
    contenders: Mapping[str, Contender] = CONTENDERS,
    training: Mapping[str, Any] = TRAINING,
    checkpoints: Path | None = None,
) -> tuple[Trial, Row]:
    """Train and score one of the contenders, as `trained` does.

    Args:
        trial: which one, on what.
        contenders: by name.
        training: options of the training.
        checkpoints: a folder, of which each run has one; None for runs that cannot go on.
    """
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    data = _data(trial)
    model = fresh_model(contenders[trial.contender], data, trial.seed)
    name = f"{trial.contender}, {trial.images} images, seed {trial.seed}"
    folder = checkpoints and checkpoints / name.replace(", ", "-").replace(" ", "-")
    row = trained(
        model,
        data,
        name,
        epochs=trial.epochs,
        seed=trial.seed,
        training=training,
        folder=folder,
    )
    return trial, row


def _data(trial: Trial) -> Dataset:
    """All but a fiftieth of the images train; validation takes no part in the result."""
    data = load_dataset(trial.dataset, seed=trial.seed, split="96/2/2", n=trial.images)
    test = {name: values[: trial.test] for name, values in data.test.items()}
    return dataclasses.replace(data, test=test)


def fresh_model(contender: Contender, data: Dataset, seed: int) -> AbstractModel:
    """A contender with the initial weights of a seed."""
    options = contender.options(contender.width)
    model = create_model(contender.model, data, key=jax.random.key(seed), **options)
    return StagedResNet([()], model.outer) if contender.without_block else model
