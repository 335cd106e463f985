"""Several processes that train one model together, by JAX's own distributed runtime."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import jax
import numpy as np
from jax.experimental import multihost_utils

from ..errors import ConfigError, ProcessError

HEARTBEAT = 20
"""Seconds without a sign of life after which JAX gives a process up."""
CONNECTING = 120
"""Seconds that processes wait for each other at the start."""


@dataclass(frozen=True)
class Together:
    """Where a process finds the others; what is None JAX is to find out, as under SLURM."""

    coordinator: str | None = None
    """host:port of process 0, which listens there."""
    processes: int | None = None
    process: int | None = None
    """The number of this one, from 0."""

    def check(self) -> None:
        """Raise `ConfigError` for numbers that do not go together, or no place."""
        if self.coordinator is not None:
            host, colon, port = self.coordinator.rpartition(":")
            if not (host and colon and port.isdecimal() and 0 < int(port) < 2**16):
                raise ConfigError(
                    f"coordinator = {self.coordinator!r}: expected host:port of process 0, such as "
                    "node1:12345, the same for all processes."
                )
        if (self.processes is None) != (self.process is None):
            raise ConfigError(
                f"processes = {self.processes} and process = {self.process}: expected both, how "
                "many there are and which this one is, or neither where a cluster says it (SLURM)."
            )
        if self.processes is not None and not 0 <= (self.process or 0) < self.processes:
            raise ConfigError(
                f"process = {self.process} of processes = {self.processes}: expected 0 to "
                f"{self.processes - 1}."
            )


def join(together: Together) -> None:
    """Make this process one of several, before JAX computes anything.

    All that is shared from then on goes through JAX: `jax.devices()` are those of all processes.
    JAX's own variable JAX_COORDINATOR_ADDRESS stands for the coordinator too.

    Raises `ConfigError` where the numbers do not go together or nobody says them, and
    `ProcessError` where there is no place to join. Where the others do not come in time JAX itself
    aborts the process, with its own words (`zoo train` ends with a `ProcessError` then, too).
    """
    together.check()
    try:
        jax.distributed.initialize(
            together.coordinator,
            together.processes,
            together.process,
            initialization_timeout=CONNECTING,
            heartbeat_timeout_seconds=HEARTBEAT,
            shutdown_timeout_seconds=CONNECTING,
        )
    except ValueError as error:
        raise ConfigError(
            f"JAX does not know where the other processes are ({error}): expected --coordinator "
            "host:port --processes N --process I, or a cluster that says it, such as SLURM."
        ) from error
    except jax.errors.JaxRuntimeError as error:
        place = together.coordinator or os.environ.get("JAX_COORDINATOR_ADDRESS", "its coordinator")
        raise ProcessError(
            f"Process {together.process} cannot join the others at {place} ({_first_line(error)}): "
            "start all of them, with the same coordinator, a port that is free there and open "
            "between the machines."
        ) from error


def leave() -> None:
    """Let the other processes go, once nothing more is computed together: this one is alone."""
    if is_several():
        jax.distributed.shutdown()


def is_several() -> bool:
    """Whether this process is one of several."""
    return jax.distributed.is_initialized() and jax.process_count() > 1


def is_first() -> bool:
    """Whether this process is the one that writes: the only one, or number 0."""
    return not is_several() or jax.process_index() == 0


def of_all(*numbers: float) -> np.ndarray:
    """These numbers of every process, [processes, numbers], in each of them; they must all ask."""
    own = np.asarray(numbers, np.float32)
    return np.asarray(multihost_utils.process_allgather(own)) if is_several() else own[None]


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what JAX raises where another process ended into a `ProcessError`."""
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if not is_several():
            raise
        raise ProcessError(
            f"Process {jax.process_index()} of {jax.process_count()} can go no further, since "
            f"another one ended or does not answer ({_first_line(error)}). The run stands at its "
            "last checkpoint: start all processes again, with --resume."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
