"""`--coordinator`, `--processes` and `--process`: one of several processes that train together."""

import dataclasses
import os
import sys
from typing import Annotated

import tyro

from ..errors import ConfigError
from ..placement.processes import CONNECTING, Together, is_several, join
from ..schema import NonNegativeInt, PositiveInt
from .aborts import go_on_in_child
from .first_pass import CommandLine

_NAMES = ("--coordinator", "--processes", "--process")
_AUTO = "auto"


@dataclasses.dataclass(kw_only=True)
class ProcessOptions:
    """What a command takes that several processes run together; `join_named` has followed it."""

    coordinator: Annotated[
        str | None,
        tyro.conf.arg(
            metavar="HOST:PORT|auto",
            help="of process 0, where several processes train together; auto: as the cluster says",
        ),
    ] = None
    processes: Annotated[
        PositiveInt | None, tyro.conf.arg(metavar="INT", help="how many they are")
    ] = None
    process: Annotated[
        NonNegativeInt | None, tyro.conf.arg(metavar="INT", help="which of them this is, from 0")
    ] = None


def join_named(line: CommandLine) -> None:
    """Join the processes that a command line names, or JAX_COORDINATOR_ADDRESS; none where neither
    does. Raises `ConfigError` and `ProcessError` as `join` does."""
    coordinator, processes, process = map(line.value_of, _NAMES)
    if coordinator is None and "JAX_COORDINATOR_ADDRESS" not in os.environ:
        if processes is not None or process is not None:
            raise ConfigError(
                "--processes and --process need --coordinator host:port, of process 0; or auto, "
                "where a cluster says where it is."
            )
        return
    _keep_output()
    place = None if coordinator == _AUTO else coordinator
    together = Together(place, _number("--processes", processes), _number("--process", process))
    together.check()
    go_on_in_child()
    print(f"waiting for the other processes, {CONNECTING} s at most", file=sys.stderr, flush=True)
    join(together)


def check_together(out: str | None, seeds: int) -> None:
    """Raise `ConfigError` where several processes have no folder in common, or several runs."""
    if is_several() and (out is None or seeds > 1):
        raise ConfigError(
            "Several processes train one run together, in a folder that all of them see: expected "
            "--out, and no --seeds. Give all of them the same."
        )


def _keep_output() -> None:
    """Lead what JAX's libraries print to standard error: standard output has the metrics alone."""
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(own, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def _number(option: str, word: str | None) -> int | None:
    if word is not None and not word.isdecimal():
        raise ConfigError(f"{option} {word}: expected a number.")
    return None if word is None else int(word)
