"""`evaluate` and `plot`: what a finished run is worth, and what it looks like."""

import dataclasses
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..checkpoint import load, read_model, sizes_from_json
from ..datasets import Dataset, load_dataset
from ..datasets.files.located import located
from ..datasets.preparation import same_as_saved
from ..errors import CheckpointError, ConfigError, NumericalError, ZooWarning
from ..evaluation.evaluate import evaluate as evaluate_model
from ..pretrained import path_of
from ..registry import DATASETS
from ..runs.devices import device_words
from ..runs.folder import results_folder
from ..runs.prepare import loss_of, precision_of_weights, split_seed_of
from ..runs.saved_config import check_run_config
from ..schema import file_options
from ..solve import solver_from_options
from ..train import History, read_log
from ..train.layout import check_layout
from .arguments import parse_command, parse_run
from .metrics_table import tell
from .own_modules import Use
from .path_names import IsPath
from .plain_text import plain
from .run_name import RunName
from .shared_options import DatasetPath, Debug, Split

_OUT = "a new folder; if not given RUN/figures, or runs/NAME/figures of a pretrained NAME"


@dataclasses.dataclass(kw_only=True)
class EvaluateCommand:
    """What `evaluate` takes, beside the solver's options."""

    run: RunName
    split: Split = "test"
    other_grids: Annotated[
        bool | None,
        tyro.conf.arg(
            metavar="True|False",
            help="whether to solve on a finer grid and adaptively too; if the steps are equal, "
            "when not given",
        ),
    ] = None
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Debug = False


@dataclasses.dataclass(kw_only=True)
class PlotCommand:
    """What `plot` takes."""

    run: RunName
    out: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(metavar="FOLDER", help=_OUT),
    ] = None
    format: Annotated[
        Literal["png", "svg", "pdf"],
        tyro.conf.arg(metavar="png|svg|pdf", help="of the files; what moves is a GIF"),
    ] = "png"
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Debug = False


def evaluate(argv: Sequence[str]) -> None:
    """Print the metrics of a run; solver options change the solver for this evaluation.

    Raises `NumericalError`, after that, where no example could be solved: there are no metrics.
    """
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
    about = f"{config['model']} on {config['dataset']} ({config['task']}), on {device_words()}"
    tell(result, f"{plain(about)}\n{result['split']} split, {result['n']} examples")
    check_any_solved(result)


def check_any_solved(result: Mapping[str, Any]) -> None:
    """Raise `NumericalError` for metrics of examples of which none could be solved."""
    if result["failed"] == result["n"]:
        raise NumericalError(
            f"None of the {result['n']} examples could be solved, so that these metrics say "
            "nothing: see the warning, or evaluate with another solver (--solver.max-steps)."
        )


def plot(argv: Sequence[str]) -> None:
    """Write every figure that fits a run's model and data, and print their names."""
    command = parse_command(argv, PlotCommand, "Draw a finished run.")
    from ..plots import all_figures, left_out, write_figures  # matplotlib takes a second to import

    weights = path_of(command.run)
    if command.out is None:
        check_layout(weights.parent)
    out = results_folder(command.out, weights, "figures")
    history = _history(weights.parent / "metrics.jsonl")
    with open_run(command.run, command.dataset_path) as (model, data, config):
        figures = all_figures(model, data, history, config["task"])
        written = write_figures(out, figures, command.format)
        words = left_out(figures, data)
    if words:
        print(words, file=sys.stderr)
    print("\n".join(map(str, written)))


@contextmanager
def open_run(
    run: str, dataset_path: str | None = None
) -> Iterator[tuple[Any, Dataset, dict[str, Any]]]:
    """Model, data and configuration of a run, within the precision that it was trained in.

    Files of data are looked for in the current folder, then beside the run; `dataset_path` says
    where else one is.
    """
    path = path_of(run)
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
    with precision_of_weights(header):
        model = load(path)
        check_run_config(config, path, "It was made by hand, or by another version: train again.")
        data = _data(config, path, dataset_path)
        if not same_as_saved(config.get("preprocessing"), data.preprocessing):
            warnings.warn(
                f"The data are not those that {path} was trained on: what was learned from the "
                f"training rows of {config['dataset']} is different now. What is measured here is "
                "of other splits, and may hold examples that were trained on.",
                ZooWarning,
                stacklevel=2,
            )
        _check_sizes(path, config, data)
        yield model, data, config


def _data(config: Mapping[str, Any], weights: Path, dataset_path: str | None) -> Dataset:
    """The data of a run, as it had them."""
    name, options = config["dataset"], dict(config["dataset_options"])
    if dataset_path is not None:
        if "path" not in file_options(DATASETS[name].builder):
            raise ConfigError(f"--dataset.path {dataset_path}: {name} reads no file; leave it out.")
        options["path"] = dataset_path
    return load_dataset(name, seed=split_seed_of(config), **located(name, options, weights.parent))


def _check_sizes(path: Path, config: Mapping[str, Any], data: Dataset) -> None:
    """Raise `CheckpointError` for data that the model cannot take."""
    task, sizes = config["task"], sizes_from_json(config)
    now = data.sizes(task) if data.serves(task) else {}
    if {name: now.get(name) for name in sizes} != sizes:
        told = ", ".join(f"{name} {value}" for name, value in sizes.items())
        raise CheckpointError(
            f"{path} is of a model for {task} of {told}, and {config['dataset']} has other sizes "
            "or serves no such task: the data, or the file, were changed since. Use zoo.load in "
            "Python."
        )


def _history(path: Path) -> History | None:
    return History.of(read_log(path)) if path.exists() else None
