"""The folder of a run while it trains: one owner, its checkpoints and its metrics log."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from ..checkpoint import fill, read, write
from ..checkpoint.atomic import remove_leftovers
from ..errors import CheckpointError, OutputError, ZooWarning
from .metrics_log import MetricsLog
from .state import TrainState

KEPT = 2
"""Checkpoints that are kept: where the newest is found damaged there is one before it."""


class RunFolder:
    """A run's folder, held by one program at a time: `with RunFolder(path, resume=...) as folder`.

    It holds `checkpoints/step-N.safetensors` (the newest two), `metrics.jsonl` and `times.jsonl`.

    Entering raises `OutputError` for a folder that cannot be written, that another program holds
    (with its number), or that has something in it where the run is not to be resumed.
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False) -> None:
        self.path, self.resume = Path(path), resume
        self.checkpoints = self.path / "checkpoints"
        self.log = MetricsLog(self.path)
        self._pid = self.checkpoints / ".pid"
        self._lock = FileLock(self.checkpoints / ".lock", blocking=False)

    def __enter__(self) -> "RunFolder":
        if not self.resume:
            check_free(self.path)
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._pid.write_text(str(os.getpid()))
        except Timeout:
            owner = self._pid.read_text() if self._pid.is_file() else "unknown"
            raise OutputError(
                f"{self.path} is being written by another run (process {owner}): wait for it, or "
                "choose another --out."
            ) from None
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}.") from error
        remove_leftovers(self.path)
        remove_leftovers(self.checkpoints)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pid.unlink(missing_ok=True)
        self._lock.release()

    def files(self) -> list[Path]:
        """The checkpoints, the newest first."""
        return sorted(self.checkpoints.glob("step-*.safetensors"), reverse=True)

    def save(self, state: TrainState, settings: Mapping[str, Any]) -> Path:
        """Write a checkpoint of a state, and remove those that are too old to be needed."""
        path = self.checkpoints / f"step-{int(state.step):09d}.safetensors"
        self.log.sync()
        write(path, state, "state", settings)
        for old in self.files()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def restore(self, state: TrainState) -> tuple[TrainState, dict[str, Any]] | None:
        """The newest sound checkpoint as a state like `state`, with the settings it was made with.

        None where the run was stopped before it wrote any. A damaged one is skipped with a warning.
        Raises `CheckpointError` where none is sound: a run never starts again from nothing unseen.
        """
        problems: list[str] = []
        for path in self.files():
            try:
                header, arrays = read(path)
                state = fill(state, header, arrays, path)
            except CheckpointError as error:
                problems.append(str(error))
                continue
            if problems:
                words = f"Resumed from {path.name}, since {' '.join(problems)}"
                warnings.warn(words, ZooWarning, stacklevel=3)
            return state, header["config"]
        if problems or self.log.rows():
            raise CheckpointError(
                f"No checkpoint in {self.checkpoints} can be resumed. "
                + "".join(f"{problem} " for problem in problems)
                + "Start anew with another --out."
            )
        return None


def check_free(path: Path) -> None:
    """Raise `OutputError` where a new run cannot be written: a folder with something in it, or a
    place without permission. Writes nothing."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise OutputError(
            f"{path} exists and is not an empty folder: choose another --out, add --resume to go "
            "on with the run in it, or move it away."
        )
    parent = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not parent.is_dir():
        raise OutputError(f"{path} cannot be written: {parent} is a file, not a folder.")
    if not os.access(parent, os.W_OK):
        raise OutputError(f"{path} cannot be written: no permission in {parent}.")
