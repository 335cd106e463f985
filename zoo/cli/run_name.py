"""`RUN` on the command line: what `path_of` finds the weights of."""

from typing import Annotated, TypeAlias

import tyro

from .path_names import IsPath

RunName: TypeAlias = Annotated[
    str,
    tyro.conf.Positional,
    IsPath(),
    tyro.conf.arg(metavar="RUN", help="a run's folder, a weight file or a pretrained name"),
]
