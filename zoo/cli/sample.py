"""`sample`: draws from what a finished run's model says could be observed."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import jax
import numpy as np
import tyro

from ..checkpoint import load, read_model, write_atomically
from ..datasets import preprocessing_of
from ..errors import ConfigError
from ..evaluation import sample as sample_model
from ..pretrained import path_of
from ..runs.prepare import precision_of_weights
from ..schema import PositiveInt, Seed
from ..solve import solver_from_options
from .arguments import parse_run
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .prediction_files import check_output
from .reads_rows import ReadsRows
from .run_name import RunName
from .series_rows import SeriesArrays, SeriesRows
from .shared_options import Debug


@dataclasses.dataclass(kw_only=True)
class SampleCommand(ReadsRows):
    """What `sample` takes, beside the solver's options."""

    run: RunName
    input: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(metavar="FILE", help="what the draws are given: long rows (csv) or .npz"),
    ]
    output: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(metavar="FILE", help="the file to write, of the same kind"),
    ]
    n: Annotated[PositiveInt, tyro.conf.arg(help="how many draws of each series")] = 20
    seed: Annotated[Seed, tyro.conf.arg(help="of the draws")] = 0
    use: Use = ()
    debug: Debug = False


def sample(line: CommandLine) -> None:
    """Write draws of whole paths at the times of a user's rows, in the user's units."""
    given, command = parse_run(line, SampleCommand, "Draw from a finished run's model.")
    path = path_of(command.run)
    header = read_model(path)[0]
    preprocessing = preprocessing_of(header["config"])
    with precision_of_weights(header):
        model = load(path)
        output = Path(command.output)
        check_output(output, Path(command.input), command.overwrite)
        rows = command.read(preprocessing)
        if not isinstance(rows, SeriesRows | SeriesArrays):
            raise ConfigError(
                f"{command.run} was trained on data of kind {preprocessing.kind}: expected a model "
                "of series, whose paths can be drawn. zoo.sample draws from others in Python."
            )
        print(rows.about(), file=sys.stderr)
        solver = solver_from_options(given) if given else None
        key = jax.random.key(command.seed)
        drawn = sample_model(model, rows.inputs(preprocessing), command.n, key=key, solver=solver)
    paths = preprocessing.raw(np.asarray(drawn, np.float64))
    write_atomically(output, rows.with_draws(paths, preprocessing.channels))
    print(f"wrote {output}: {command.n} draws of {paths.shape[1]} {rows.unit}", file=sys.stderr)
