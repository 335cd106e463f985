"""`sample`: draws from what a finished run's model says could be observed."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import equinox as eqx
import jax
import numpy as np
import tyro

from ..checkpoint import load, read_model, write_atomically
from ..datasets import Preparation, preprocessing_of
from ..errors import ConfigError
from ..evaluation import sample as sample_model
from ..pretrained import path_of
from ..runs.prepare import precision_of_weights
from ..schema import PositiveInt, Seed
from ..solve import Solver, solver_from_options
from ..solve.on_devices import on_devices
from .arguments import parse_run
from .device_options import DevicesOption, devices_typed
from .drawn_files import DRAWN_FILES, drawn_file
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .prediction_files import check_output, check_writable
from .reads_rows import ReadsRows
from .run_name import RunName
from .series_rows import SeriesArrays, SeriesRows
from .shared_options import Debug
from .views import ViewOptions, viewed


@dataclasses.dataclass(kw_only=True)
class SampleCommand(ViewOptions, ReadsRows):
    """What `sample` takes, beside the solver's options."""

    run: RunName
    input: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(
            metavar="FILE",
            help="what draws of series are given: long rows (csv) or .npz; a density has none",
        ),
    ] = None
    output: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(
            metavar="FILE",
            help="the file to write: of series of the input's kind, of a density one of "
            f"{', '.join(DRAWN_FILES)}",
        ),
    ]
    n: Annotated[PositiveInt, tyro.conf.arg(help="how many draws, of series of each")] = 20
    seed: Annotated[Seed, tyro.conf.arg(help="of the draws")] = 0
    devices: DevicesOption = None
    use: Use = ()
    debug: Debug = False


def sample(line: CommandLine) -> None:
    """Write draws in the user's units: of whole paths at the times of rows, or from a density."""
    given, command = parse_run(line, SampleCommand, "Draw from a finished run's model.")
    path = path_of(command.run)
    header = read_model(path)[0]
    preprocessing = preprocessing_of(header["config"])
    with precision_of_weights(header):
        model = viewed(load(path), command, preprocessing)
        solver = solver_from_options(given) if given else None
        model = on_devices(model, devices_typed(command.devices), solver)
        draw = _given_rows if model.draws_given_inputs else _alone
        told = draw(command, model, preprocessing, solver)
    print(f"wrote {command.output}: {told}", file=sys.stderr)


def _given_rows(
    command: SampleCommand, model: Any, preprocessing: Preparation, solver: Solver | None
) -> str:
    """Write draws of whole paths beside a user's rows, and say how many."""
    if command.input is None:
        raise ConfigError(
            f"{command.run} holds a {type(model).__name__}, which draws nothing without inputs: "
            "expected --input with the rows of series, or a model of a density, such as cnf."
        )
    output = Path(command.output)
    check_output(output, Path(command.input), command.overwrite)
    rows = command.read(preprocessing)
    if not isinstance(rows, SeriesRows | SeriesArrays):
        raise ConfigError(
            f"{command.run} was trained on data of kind {preprocessing.kind}: expected a model "
            "of series, whose paths can be drawn. zoo.sample draws from others in Python."
        )
    print(rows.about(), file=sys.stderr)
    inputs, key = rows.inputs(preprocessing), jax.random.key(command.seed)
    drawn = sample_model(model, inputs, command.n, key=key, solver=solver)
    paths = preprocessing.raw(np.asarray(drawn, np.float64))
    write_atomically(output, rows.with_draws(paths, preprocessing.channels))
    return f"{command.n} draws of {paths.shape[1]} {rows.unit}"


def _alone(
    command: SampleCommand, model: Any, preprocessing: Preparation, solver: Solver | None
) -> str:
    """Write draws from a density, and say how many.

    They are `zoo.sample(model, None, n, key=jax.random.key(seed), data=data)`: a number that took
    few levels in the training rows is written as it is drawn, between them.
    """
    if command.input is not None:
        raise ConfigError(
            f"--input {command.input}: a {type(model).__name__} draws without inputs; leave it out."
        )
    output, key = Path(command.output), jax.random.key(command.seed)
    file = drawn_file(output)
    check_writable(output, command.overwrite)
    shape = eqx.filter_eval_shape(lambda keys: model.sample(None, key=keys)[0], key[None]).shape
    file.check(output, shape[1:], preprocessing)
    drawn = sample_model(model, None, command.n, key=key, solver=solver)
    file.write(output, preprocessing.raw(drawn), preprocessing)
    failed = int((~np.isfinite(drawn).reshape(len(drawn), -1).all(axis=1)).sum())
    return f"{command.n} draws" + (f", of which {failed} failed and are empty" if failed else "")
