"""`report`: finished runs on one HTML page."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import tyro

from ..checkpoint import write_atomically
from ..report import page, reported
from ..runs.invocation import typed
from .arguments import parse_command
from .first_pass import CommandLine
from .own_modules import Use
from .path_names import IsPath
from .plain_text import plain
from .prediction_files import check_writable
from .shared_options import DatasetPath, Debug


@dataclasses.dataclass(kw_only=True)
class ReportCommand:
    """What `report` takes."""

    runs: Annotated[
        tuple[str, ...],
        tyro.conf.Positional,
        tyro.conf.arg(
            metavar="RUN [RUN ...]", help="runs' folders, weight files or pretrained names"
        ),
    ]
    output: Annotated[
        str, IsPath(), tyro.conf.arg(metavar="FILE", help="the page to write, such as report.html")
    ]
    overwrite: Annotated[bool, tyro.conf.arg(help="replace a page that is there")] = False
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Debug = False


def report(line: CommandLine) -> None:
    """Write one self-contained page of runs side by side."""
    command = parse_command(line, ReportCommand, "Put finished runs on one HTML page.")
    output = Path(command.output)
    check_writable(output, command.overwrite)
    runs = []
    for run in dict.fromkeys(command.runs):
        print(f"{plain(run)} ...", file=sys.stderr)  # the warnings that follow are of this run
        runs.append(reported(run, command.dataset_path))
    text = page(runs, typed())
    write_atomically(output, text.encode())
    count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    print(f"wrote {output}: {count}, {len(text) / 1e6:.2f} MB", file=sys.stderr)
