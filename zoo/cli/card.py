"""`card`: a finished run's model card, to standard output."""

import dataclasses
from typing import Annotated

import tyro

from ..pretrained import FOLDER, path_of
from ..report import model_card, reported
from .arguments import parse_command
from .first_pass import CommandLine
from .own_modules import Use
from .run_name import RunName
from .shared_options import DatasetPath, Debug

_OWN, _NOT_STATED = "apache-2.0", "unknown"


@dataclasses.dataclass(kw_only=True)
class CardCommand:
    """What `card` takes."""

    run: RunName
    license: Annotated[
        str | None,
        tyro.conf.arg(
            metavar="NAME",
            help=f"of the weights, as the Hub names it; {_NOT_STATED} if not given, of weights "
            f"that come with the zoo {_OWN}",
        ),
    ] = None
    dataset_path: DatasetPath = None
    use: Use = ()
    debug: Debug = False


def card(line: CommandLine) -> None:
    """Print a model card: front matter for the Hugging Face Hub, then a page of Markdown."""
    command = parse_command(line, CardCommand, "Print the model card of a finished run.")
    with_the_zoo = path_of(command.run).resolve().parent == FOLDER.resolve()
    run = reported(command.run, command.dataset_path)
    print(model_card(run, command.license or (_OWN if with_the_zoo else _NOT_STATED)), end="")
