"""`evaluate` and `plot`: what a finished run is worth, and what it looks like."""

import dataclasses
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..checkpoint import load, read
from ..datasets import Dataset, load_dataset
from ..datasets.located import located
from ..errors import CheckpointError, ConfigError, ZooWarning
from ..evaluate import evaluate as evaluate_model
from ..registry import DATASETS
from ..run import loss_of, precision_of
from ..schema import file_options
from ..solve import solver_from_options
from ..train import History, read_log
from ..train.layout import check_layout
from ..train.run_folder import check_free
from .arguments import DatasetPath, Use, parse_command, parse_run
from .run_directory import find_weights
from .saved_config import check_config


@dataclasses.dataclass(kw_only=True)
class EvaluateCommand:
    """What `evaluate` takes, beside the solver's options."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help="run directory or weight file")]
    split: Annotated[Literal["train", "val", "test"], tyro.conf.arg(help="which split")] = "test"
    other_grids: Annotated[
        bool | None,
        tyro.conf.arg(help="also on a finer grid and adaptively; None: if the steps are equal"),
    ] = None
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Annotated[bool, tyro.conf.arg(help="show the traceback of an error")] = False


@dataclasses.dataclass(kw_only=True)
class PlotCommand:
    """What `plot` takes."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help="run directory or weight file")]
    out: Annotated[str | None, tyro.conf.arg(help="a new folder; RUN/figures if not given")] = None
    format: Annotated[Literal["png", "svg", "pdf"], tyro.conf.arg(help="of the files")] = "png"
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Annotated[bool, tyro.conf.arg(help="show the traceback of an error")] = False


def evaluate(argv: Sequence[str]) -> None:
    """Print the metrics of a run as JSON; solver options change the solver for this evaluation."""
    given, command = parse_run(argv, EvaluateCommand, "Evaluate a finished run.")
    with open_run(command.run, command.dataset_path) as (model, data, config):
        result = evaluate_model(
            model,
            data,
            split=command.split,
            task=config["task"],
            solver=solver_from_options(given) if given else None,
            loss=loss_of(config),
            other_grids=command.other_grids,
        )
    print(json.dumps(result))


def plot(argv: Sequence[str]) -> None:
    """Write every figure that fits a run's model and data, and print their names."""
    command = parse_command(argv, PlotCommand, "Draw a finished run.")
    from ..plots import all_figures, write_figures  # matplotlib takes a second to import

    weights = find_weights(command.run)
    out = Path(command.out) if command.out else weights.parent / "figures"
    if command.out:
        check_free(out)
    else:
        check_layout(weights.parent)
    history = _history(weights.parent / "metrics.jsonl")
    with open_run(command.run, command.dataset_path) as (model, data, config):
        figures = all_figures(model, data, history, config["task"])
        written = write_figures(out, figures, command.format)
    print("\n".join(map(str, written)))


@contextmanager
def open_run(
    run: str, dataset_path: str | None = None
) -> Iterator[tuple[Any, Dataset, dict[str, Any]]]:
    """Model, data and configuration of a run, within the precision that it was trained in.

    Files of data are looked for in the current folder, then beside the run; `dataset_path` says
    where else one is.
    """
    path = find_weights(run)
    header, _ = read(path)
    config = header["config"]
    if not isinstance(config, dict) or not {"dataset", "seed", "dataset_options"} <= config.keys():
        raise CheckpointError(
            f"{path} does not say which data it was trained on: it was not written by train. "
            "Use zoo.load and zoo.evaluate in Python."
        )
    with precision_of(config):
        model = load(path)
        check_config(config, path, "It was made by hand, or by another version: train again.")
        data = _data(config, path, dataset_path)
        if config.get("preprocessing") != data.preprocessing.to_json():
            warnings.warn(
                f"The data are not those that {path} was trained on: what was learned from the "
                f"training rows of {config['dataset']} is different now. What is measured here is "
                "of other splits, and may hold examples that were trained on.",
                ZooWarning,
                stacklevel=2,
            )
        yield model, data, config


def _data(config: Mapping[str, Any], weights: Path, dataset_path: str | None) -> Dataset:
    """The data of a run, as it had them."""
    name, options = config["dataset"], dict(config["dataset_options"])
    if dataset_path is not None:
        if "path" not in file_options(DATASETS[name].builder):
            raise ConfigError(f"--dataset.path {dataset_path}: {name} reads no file; leave it out.")
        options["path"] = dataset_path
    return load_dataset(name, seed=config["seed"], **located(name, options, weights.parent))


def _history(path: Path) -> History | None:
    return History.of(read_log(path)) if path.exists() else None
