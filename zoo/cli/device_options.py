"""`--devices`: which devices share a batch."""

from typing import Annotated, TypeAlias

import tyro

from ..errors import ConfigError
from ..placement import Devices

DevicesOption: TypeAlias = Annotated[
    str | None,
    tyro.conf.arg(
        name="devices",
        metavar="all|N",
        help="devices that share each batch, all that JAX sees or so many; one when not given",
    ),
]
"""The option `--devices` of the commands that solve batches."""


def devices_typed(word: str | None) -> Devices:
    """What `--devices` says. Raises `ConfigError` for another word than all or a number."""
    if word is None or word == "all":
        return "all" if word else None
    if not word.isdecimal():
        raise ConfigError(f"--devices {word}: expected all, or a number of devices.")
    return int(word)
