"""Options that several commands take, each in the same words."""

from typing import Annotated, Literal, TypeAlias

import tyro

DatasetPath: TypeAlias = Annotated[
    str | None,
    tyro.conf.arg(
        name="dataset.path",
        metavar="FILE",
        help="the file of a run's data, where it is neither in this folder nor beside the run",
    ),
]
"""The option `--dataset.path` of what takes a finished run."""

Split: TypeAlias = Annotated[
    Literal["train", "val", "test"],
    tyro.conf.arg(metavar="train|val|test", help="of the data of the run"),
]
"""The option `--split`: which examples of a finished run's data."""

Debug: TypeAlias = Annotated[bool, tyro.conf.arg(help="show the traceback of an error")]
"""The option `--debug` of every command, which `zoo.cli.ending` looks for itself."""
