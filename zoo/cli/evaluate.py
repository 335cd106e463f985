"""`evaluate` and `plot`: what a finished run is worth, and what it looks like."""

import dataclasses
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..checkpoint import load, needed_modules, read_model
from ..datasets import Dataset, load_dataset
from ..errors import CheckpointError, UnknownNameError, ZooWarning
from ..evaluate import evaluate as evaluate_model
from ..run import loss_of, precision_of
from ..solve import solver_from_options
from ..train import History, read_log
from .arguments import Use, parse_command, parse_run
from .run_directory import find_weights, results_folder

_OUT = "a new folder; if not given RUN/figures, or runs/NAME/figures of a pretrained NAME"


@dataclasses.dataclass(kw_only=True)
class EvaluateCommand:
    """What `evaluate` takes, beside the solver's options."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help="run directory or weight file")]
    split: Annotated[Literal["train", "val", "test"], tyro.conf.arg(help="which split")] = "test"
    other_grids: Annotated[
        bool | None,
        tyro.conf.arg(help="also on a finer grid and adaptively; None: if the steps are equal"),
    ] = None
    use: Use = ()
    debug: Annotated[bool, tyro.conf.arg(help="show the traceback of an error")] = False


@dataclasses.dataclass(kw_only=True)
class PlotCommand:
    """What `plot` takes."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(help="run directory or weight file")]
    out: Annotated[str | None, tyro.conf.arg(help=_OUT)] = None
    format: Annotated[Literal["png", "svg", "pdf"], tyro.conf.arg(help="of the files")] = "png"
    use: Use = ()
    debug: Annotated[bool, tyro.conf.arg(help="show the traceback of an error")] = False


def evaluate(argv: Sequence[str]) -> None:
    """Print the metrics of a run as JSON; solver options change the solver for this evaluation."""
    given, command = parse_run(argv, EvaluateCommand, "Evaluate a finished run.")
    with open_run(command.run) as (model, data, config):
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
    out = results_folder(command.out, weights, "figures")
    history = _history(weights.parent / "metrics.jsonl")
    with open_run(command.run) as (model, data, config):
        figures = all_figures(model, data, history, config["task"])
        written = write_figures(out, figures, command.format)
    print("\n".join(map(str, written)))


@contextmanager
def open_run(run: str) -> Iterator[tuple[Any, Dataset, dict[str, Any]]]:
    """Model, data and configuration of a run, within the precision that it was trained in."""
    path = find_weights(run)
    header, _ = read_model(path)
    config = header["config"]
    if (
        not isinstance(config, dict)
        or not {"dataset", "seed", "task", "dataset_options"} <= config.keys()
    ):
        raise CheckpointError(
            f"{path} does not say which data it was trained on: it was not written by train. "
            "Use zoo.load and zoo.evaluate in Python."
        )
    with precision_of(config):
        model = load(path)
        try:
            data = load_dataset(config["dataset"], seed=config["seed"], **config["dataset_options"])
        except UnknownNameError as error:
            raise UnknownNameError(str(error), error.modules or needed_modules(config)) from None
        if config.get("preprocessing") != data.preprocessing.to_json():
            warnings.warn(
                f"The data are not those that {path} was trained on: what was learned from the "
                f"training rows of {config['dataset']} is different now. What is measured here is "
                "of other splits, and may hold examples that were trained on.",
                ZooWarning,
                stacklevel=2,
            )
        _check_sizes(path, config, data)
        yield model, data, config


def _check_sizes(path: Path, config: Mapping[str, Any], data: Dataset) -> None:
    """Raise `CheckpointError` for data that the model cannot take."""
    task = config["task"]
    sizes = (data.in_size, data.out_size(task)) if task in data.tasks else (data.in_size, None)
    if sizes != (config["in_size"], config["out_size"]):
        raise CheckpointError(
            f"{path} is of a model of {config['in_size']} inputs and {config['out_size']} outputs "
            f"for {task}, and {config['dataset']} has other sizes or serves no such task: the "
            "data, or the file, were changed since. Use zoo.load in Python."
        )


def _history(path: Path) -> History | None:
    return History.of(read_log(path)) if path.is_file() else None
