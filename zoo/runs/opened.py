"""A finished run, opened: its model, its data as they were, and whether these still fit."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..checkpoint import load, read_model
from ..datasets import Dataset, load_dataset
from ..datasets.files.located import located
from ..datasets.preparation import same_as_saved
from ..errors import CheckpointError, ConfigError, ZooWarning
from ..pretrained import path_of
from ..registry import DATASETS
from ..schema import file_options, same_size
from .config import ResolvedConfig
from .prepare import precision_of_weights
from .saved_config import check_run_config

_OF_A_RUN = {"dataset", "seed", "task", "dataset_options"}
"""Entries that a weight file has that a run wrote."""


@contextmanager
def open_run(
    run: str, dataset_path: str | None = None
) -> Iterator[tuple[Any, Dataset, ResolvedConfig]]:
    """Model, data and configuration of a run, within the precision that it was trained in.

    Files of data are looked for in the current folder, then beside the run; `dataset_path` says
    where else one is.
    """
    path = path_of(run)
    header, _ = read_model(path)
    values = header["config"]
    if not isinstance(values, dict) or not values.keys() >= _OF_A_RUN:
        raise CheckpointError(
            f"{path} does not say which data it was trained on: it was not written by train. "
            "Use zoo.load and zoo.evaluate in Python."
        )
    with precision_of_weights(header):
        model = load(path)
        config = check_run_config(
            values, path, "It was made by hand, or by another version: train again."
        )
        data = _data(config, path, dataset_path)
        if not same_as_saved(config.preprocessing, data.preprocessing):
            warnings.warn(
                f"The data are not those that {path} was trained on: what was learned from the "
                f"training rows of {config.dataset} is different now. What is measured here is "
                "of other splits, and may hold examples that were trained on.",
                ZooWarning,
                stacklevel=2,
            )
        _check_sizes(path, config, data)
        yield model, data, config


def _data(config: ResolvedConfig, weights: Path, dataset_path: str | None) -> Dataset:
    """The data of a run, as it had them."""
    name, options = config.dataset, dict(config.dataset_options)
    if dataset_path is not None:
        if "path" not in file_options(DATASETS[name].builder):
            raise ConfigError(f"--dataset.path {dataset_path}: {name} reads no file; leave it out.")
        options["path"] = dataset_path
    return load_dataset(name, seed=config.seed_of_split, **located(name, options, weights.parent))


def _check_sizes(path: Path, config: ResolvedConfig, data: Dataset) -> None:
    """Raise `CheckpointError` for data that the model cannot take."""
    task, sizes = config.task, config.sizes
    now = data.sizes(task) if data.serves(task) else {}
    if not all(same_size(now.get(name), size) for name, size in sizes.items()):
        told = ", ".join(f"{name} {value}" for name, value in sizes.items())
        raise CheckpointError(
            f"{path} is of a model for {task} of {told}, and {config.dataset} has other sizes "
            "or serves no such task: the data, or the file, were changed since. Use zoo.load in "
            "Python."
        )
