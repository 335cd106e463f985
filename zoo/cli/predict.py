"""`predict`: a user's new rows in, the same rows with predictions out."""

import dataclasses
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from ..checkpoint import load, read_model, reference_in, write_atomically
from ..datasets import Preparation, preprocessing_of
from ..errors import ConfigError, ZooWarning
from ..evaluation import predict as predict_model
from ..pretrained import path_of
from ..registry import TASKS
from ..runs.prepare import precision_of_weights
from ..solve import Solver, solver_from_options, solvers_of
from ..solve.on_devices import on_devices
from ..tasks import Reference, is_registered, task_named
from .arguments import parse_run
from .device_options import DevicesOption, devices_typed
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .prediction_files import Rows, check_output
from .predictions import Predictions
from .reads_rows import ReadsRows
from .run_name import RunName
from .shared_options import Debug


@dataclasses.dataclass(kw_only=True)
class PredictCommand(ReadsRows):
    """What `predict` takes, beside the solver's options."""

    run: RunName
    input: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(
            metavar="FILE",
            help="rows: a text file (csv), .npz with an array x, or a folder of pictures",
        ),
    ]
    output: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(
            metavar="FILE", help="the file to write, of the same kind; of pictures a csv"
        ),
    ]
    devices: DevicesOption = None
    use: Use = ()
    debug: Debug = False


def predict(line: CommandLine) -> None:
    """Write a user's rows with predictions; all that was learned comes from the weight file."""
    given, command = parse_run(line, PredictCommand, "Predict new rows with a finished run.")
    path = path_of(command.run)
    header = read_model(path)[0]
    config = header["config"]
    preprocessing = preprocessing_of(config)
    with precision_of_weights(header):
        model = load(path)
        _check(model, config, given)
        output = Path(command.output)
        check_output(output, Path(command.input), command.overwrite)
        rows = command.read(preprocessing)
        print(rows.about(), file=sys.stderr)
        solver = solver_from_options(given) if given else None
        reference = reference_in(header, path)
        model = on_devices(model, devices_typed(command.devices), solver)
        predictions = predict_rows(model, rows, preprocessing, config["task"], solver, reference)
    write_atomically(output, rows.with_predictions(predictions))
    added = ", ".join(n if n.isprintable() else repr(n) for n in predictions.columns)
    print(f"wrote {output}: {len(predictions.ok)} {rows.unit}, added {added}", file=sys.stderr)
    if note := rows.note(predictions):
        print(note, file=sys.stderr)
    if task_named(config["task"]).compares and not reference:
        print(
            f"{path} keeps nothing of its training rows, with which new rows could be compared: "
            "train writes it since this version, and zoo.save takes it as reference=.",
            file=sys.stderr,
        )


def predict_rows(
    model: Any,
    rows: Rows,
    preprocessing: Preparation,
    task: str,
    solver: Solver | None,
    reference: Reference | None = None,
) -> Predictions:
    """What the model says of the rows, in original units and names: see `zoo.tasks.Task.answer`.

    `reference` is what the weight file keeps of training rows, with which they are compared.
    A row whose solve fails has no prediction, which a `ZooWarning` says.
    """
    inputs = rows.inputs(preprocessing)
    outputs = predict_model(model, inputs, solver=solver)
    ok = np.isfinite(outputs).reshape(len(outputs), -1).all(axis=1)
    if not ok.all():
        places = [rows.place(int(row)) for row in np.flatnonzero(~ok)]
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        words = f"There is no prediction for {', '.join(places[:5])}{more}."
        warnings.warn(words, ZooWarning, stacklevel=2)
    solved = np.where(ok.reshape(-1, *[1] * (outputs.ndim - 1)), outputs, np.nan)
    named = task_named(task)
    told = named.answer(solved, inputs["x"], preprocessing)
    told = named.placed(told, {} if reference is None else reference)
    return Predictions(
        told.values, told.names, ok, told.classes, told.probability, told.array, told.more
    )


def _check(model: Any, config: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raise `ConfigError` for a task that nobody knows, and solver options for no solver."""
    task = config.get("task")
    if not is_registered(task):
        raise ConfigError(
            f"The model was trained for {task}, a task that is not registered, so that it is not "
            f"known what to predict of a row: expected {', '.join(TASKS.names())}. Add --use "
            "with the module that registers it (zoo.register_task)."
        )
    if given and not solvers_of(model):
        options = ", ".join(f"--solver.{name}" for name in given)
        raise ConfigError(f"{options}: a {type(model).__name__} has no solver; leave it out.")
