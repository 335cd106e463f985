"""`export`: a finished run as one file that JAX runs without the zoo."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import tyro

from ..checkpoint import load, read_model
from ..datasets import preprocessing_of
from ..errors import ConfigError
from ..export import PLATFORMS, Platform, check_serialises, description_path
from ..export import export as export_model
from ..pretrained import path_of
from ..runs.prepare import precision_of_weights
from ..schema import PositiveInt
from ..solve import solver_from_options, solvers_of
from .arguments import parse_run
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .prediction_files import check_writable
from .run_name import RunName
from .shared_options import Debug


@dataclasses.dataclass(kw_only=True)
class ExportCommand:
    """What `export` takes, beside the solver's options."""

    run: RunName
    output: Annotated[
        str,
        IsPath(),
        tyro.conf.arg(
            metavar="FILE",
            help="the program, such as m.stablehlo; m.json beside it tells what goes in and out",
        ),
    ]
    length: Annotated[
        PositiveInt | None,
        tyro.conf.arg(metavar="INT", help="of series: the times that the program takes of each"),
    ] = None
    platforms: Annotated[
        tuple[Platform, ...],
        tyro.conf.arg(
            metavar="PLATFORM [PLATFORM ...]",
            help="what the program runs on: some of cpu, cuda, rocm, tpu",
        ),
    ] = PLATFORMS
    overwrite: Annotated[bool, tyro.conf.arg(help="replace files that are there")] = False
    use: Use = ()
    debug: Debug = False


def export(line: CommandLine) -> None:
    """Write weights, preparation and solve as one program, and beside it what it says of itself."""
    given, command = parse_run(line, ExportCommand, "Export a finished run to StableHLO.")
    output = Path(command.output)
    check_writable(output, command.overwrite)
    if output.suffix == ".json":
        raise ConfigError(
            f"--output {output}: the description beside the program is the .json file; give the "
            "program another name, such as m.stablehlo."
        )
    check_writable(description_path(output), command.overwrite)
    check_serialises()
    weights = path_of(command.run)
    header = read_model(weights)[0]
    config = header["config"]
    preparation = preprocessing_of(config)
    with precision_of_weights(header):
        model = load(weights)
        if given and not solvers_of(model):
            options = ", ".join(f"--solver.{name}" for name in given)
            raise ConfigError(f"{options}: a {type(model).__name__} has no solver; leave it out.")
        artefact = export_model(
            model,
            preparation,
            config["task"],
            solver=solver_from_options(given) if given else None,
            length=command.length,
            platforms=command.platforms,
        )
    beside = artefact.save(output)
    for note in artefact.notes:
        print(note, file=sys.stderr)
    apart = artefact.difference
    checked = "not run here" if apart is None else f"at most {apart:.1e} from zoo.predict"
    size = f"{len(artefact.program) / 1e6:.2f} MB"
    names = ", ".join(command.platforms)
    print(f"wrote {output}: {size} for {names}, {checked}; and {beside}", file=sys.stderr)
