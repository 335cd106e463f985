"""The folder of a run while it trains: one owner, its checkpoints and its metrics log."""

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from ...checkpoint import write
from ...errors import CheckpointError, OutputError, ZooWarning
from ...placement.processes import is_first
from ..state import TrainState
from .checkpoints import Saved, sound_checkpoints
from .event_files import EventFiles
from .layout import (
    LOCK,
    OWNER,
    check_is_run,
    check_layout,
    checkpoint_path,
    checkpoint_step,
    checkpoints_in,
    remove_own_leftovers,
)
from .metrics_log import MetricsLog

KEPT = 2
"""Checkpoints that are kept: where the newest is found damaged there is one before it."""


class RunFolder:
    """A run's folder, held by one program at a time: `with RunFolder(path, resume=...) as folder`.

    It holds `checkpoints/step-N.safetensors` (the newest two), `metrics.jsonl` and `times.jsonl`.

    Of several processes that train together the first one alone writes; the others read what is
    there to be resumed.

    Entering raises `OutputError` for a folder that cannot be written, that another program holds
    (with its number), or that has something in it where the run is not to be resumed; and
    `CheckpointError` where it is to be, and what is there is no run. Such a folder stays as it is.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        resume: bool = False,
        begin: Callable[[], None] | None = None,
        about: Mapping[str, object] | None = None,
        tensorboard: str | os.PathLike[str] | None = None,
    ) -> None:
        """`begin` writes what else is to be there before a step is taken; it is called where one
        will be, and after all that could be refused. `about` are JSON values that say what the run
        is beyond what `fit` knows: they must be the same when it is resumed. `tensorboard` is the
        folder of event files that get what the log gets, see `zoo.train.EventFiles`."""
        self.writes = is_first()
        self.path, self.resume = Path(path), resume
        self.begin = begin if begin is not None and self.writes else _nothing
        self.about = dict(about or {})
        self.checkpoints = self.path / "checkpoints"
        events = EventFiles(tensorboard) if tensorboard is not None and self.writes else None
        self.log = MetricsLog(self.path, events, self.writes)
        self._sound: list[int] = []
        self._pid = self.checkpoints / OWNER
        self._lock = FileLock(self.checkpoints / LOCK, blocking=False)

    def __enter__(self) -> "RunFolder":
        if not self.writes:
            return self
        try:
            check_place(self.path, resume=self.resume)
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._pid.write_text(str(os.getpid()))
        except Timeout:
            owner = self._pid.read_text(errors="replace") if self._pid.is_file() else "unknown"
            raise OutputError(
                f"{self.path} is being written by another run (process {owner}): wait for it, or "
                "choose another --out."
            ) from None
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written: {error.strerror}.") from error
        remove_own_leftovers(self.path)
        return self

    def __exit__(self, *error: object) -> None:
        if not self.writes:
            return
        self.log.close()
        self._pid.unlink(missing_ok=True)
        self._lock.release()

    def save(self, state: TrainState, settings: Mapping[str, object]) -> Path:
        """Write a checkpoint of a state, and remove those that are too old to be needed."""
        step = int(state.step)
        path = checkpoint_path(self.path, step)
        if not self.writes:
            return path
        self.log.sync()
        write(path, state, "state", settings)
        self._sound = sorted({*self._sound, step})[-KEPT:]
        for old in checkpoints_in(self.path):
            if (checkpoint_step(old) or 0) < self._sound[0]:
                old.unlink(missing_ok=True)
        return path

    def newest(self) -> Saved | None:
        """The newest sound checkpoint; None where the run was stopped before it wrote any.

        A damaged one is skipped with a warning. Raises `CheckpointError` where none is sound: a run
        never starts again from nothing unseen.
        """
        found, problems = sound_checkpoints(self.path)
        if not found and (problems or self.log.has_rows()):
            raise CheckpointError(
                f"No checkpoint in {self.checkpoints} can be resumed. "
                + "".join(f"{problem} " for problem in problems)
                + "Start anew with another --out."
            )
        if not found:
            return None
        if problems:
            words = f"Resumed from {found[0].path.name}, since {' '.join(problems)}"
            warnings.warn(words, ZooWarning, stacklevel=3)
        self._sound = sorted(each.step for each in found)[-KEPT:]
        return found[0]


def _nothing() -> None:
    """What is begun where nothing is to be written."""


def check_place(path: Path, *, resume: bool) -> None:
    """Raise where `RunFolder` could not be entered, but for what another program does meanwhile."""
    if not resume:
        check_free(path)
        return
    check_layout(path)
    check_is_run(path)


def check_free(path: Path) -> None:
    """Raise `OutputError` where a new run cannot be written: a folder with something in it, or a
    place without permission. Writes nothing."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise OutputError(
            f"{path} exists and is not an empty folder: choose another --out, add --resume to go "
            "on with the run in it, or move it away."
        )
    check_writable(path)


def check_writable(path: Path) -> None:
    """Raise `OutputError` where a file or folder cannot be made or written to. Writes nothing."""
    parent = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not parent.is_dir():
        raise OutputError(f"{path} cannot be written: {parent} is a file, not a folder.")
    if not os.access(parent, os.W_OK):
        raise OutputError(f"{path} cannot be written: no permission in {parent}.")
