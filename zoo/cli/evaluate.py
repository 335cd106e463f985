"""`evaluate` and `plot`: what a finished run is worth, and what it looks like."""

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..errors import NumericalError
from ..evaluation.evaluate import evaluate as evaluate_model
from ..placement import chosen_mesh, devices_of
from ..pretrained import path_of
from ..runs.devices import device_words
from ..runs.folder import results_folder
from ..runs.opened import open_run
from ..runs.prepare import loss_of
from ..solve import solver_from_options
from ..train import History, read_log
from ..train.folder.layout import check_layout
from .arguments import parse_command, parse_run
from .device_options import DevicesOption, devices_typed
from .first_pass import CommandLine
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
    devices: DevicesOption = None
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


def evaluate(line: CommandLine) -> None:
    """Print the metrics of a run; solver options change the solver for this evaluation.

    Raises `NumericalError`, after that, where no example could be solved: there are no metrics.
    """
    given, command = parse_run(line, EvaluateCommand, "Evaluate a finished run.")
    mesh = chosen_mesh(devices_typed(command.devices))
    with open_run(command.run, command.dataset_path) as (model, data, config):
        result = evaluate_model(
            model,
            data,
            split=command.split,
            task=config.task,
            solver=solver_from_options(given) if given else None,
            loss=loss_of(config),
            other_grids=command.other_grids,
            devices=devices_of(mesh),
        )
    about = f"{config.model} on {config.dataset} ({config.task}), on {device_words(mesh)}"
    tell(result, f"{plain(about)}\n{result['split']} split, {result['n']} examples")
    check_any_solved(result)


def check_any_solved(result: Mapping[str, Any]) -> None:
    """Raise `NumericalError` for metrics of examples of which none could be solved."""
    if result["failed"] == result["n"]:
        raise NumericalError(
            f"None of the {result['n']} examples could be solved, so that these metrics say "
            "nothing: see the warning, or evaluate with another solver (--solver.max-steps)."
        )


def plot(line: CommandLine) -> None:
    """Write every figure that fits a run's model and data, and print their names."""
    command = parse_command(line, PlotCommand, "Draw a finished run.")
    from ..plots import all_figures, left_out, write_figures  # matplotlib takes a second to import

    weights = path_of(command.run)
    if command.out is None:
        check_layout(weights.parent)
    out = results_folder(command.out, weights, "figures")
    history = _history(weights.parent / "metrics.jsonl")
    with open_run(command.run, command.dataset_path) as (model, data, config):
        figures = all_figures(model, data, history, config.task)
        written = write_figures(out, figures, command.format)
        words = left_out(figures, data)
    if words:
        print(words, file=sys.stderr)
    print("\n".join(map(str, written)))


def _history(path: Path) -> History | None:
    return History.of(read_log(path)) if path.exists() else None
