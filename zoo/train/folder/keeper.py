"""What is kept of a run while it goes on: its history, and in a folder its log and checkpoints."""

import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ...checkpoint import fill
from ...errors import ConfigError, ZooWarning
from ...placement.processes import is_first
from ..history import History, Row
from ..lbfgs import Phase
from ..loop import Chunk, is_over
from ..state import TrainState
from .run_folder import RunFolder, check_place
from .settings import check_same

SECONDS = 10.0
"""Between checkpoints, where their distance in steps is not given."""


def check_out(out: str | os.PathLike[str] | RunFolder | None, resume: bool) -> None:
    """Raise where `open_folder` would, before anything is traced; nothing is written."""
    if out is None and resume:
        raise ConfigError("resume=True needs out, the folder of the run that is to go on.")
    if out is not None and not isinstance(out, RunFolder) and is_first():
        check_place(Path(out), resume=resume)


@contextmanager
def open_folder(
    out: str | os.PathLike[str] | RunFolder | None, resume: bool
) -> Iterator[RunFolder | None]:
    """The folder that `fit` writes to; one that is already held stays so."""
    if out is None:
        yield None
    elif isinstance(out, RunFolder):
        yield out
    else:
        with RunFolder(out, resume=resume) as folder:
            yield folder


class Keeper:
    """The history of a run; with a folder, its metrics log and checkpoints too."""

    def __init__(
        self, folder: RunFolder | None, settings: Mapping[str, object], every: int | None
    ) -> None:
        self.history = History()
        self._folder, self._settings, self._every = folder, dict(settings), every
        if folder is not None and folder.about:
            self._settings["about"] = folder.about
        self._saved, self._when = -1, time.monotonic()

    def start(
        self, state: TrainState, first: Phase, last: Phase | None, given: int | None
    ) -> tuple[TrainState, list[Phase]]:
        """The state to start with, as given or that of the newest checkpoint, and the phases that
        are left: `first` and, if there is to be one, `last`.

        `given` is the distance between evaluations if the caller chose one; else it stays what it
        was, also where there are more steps now.
        """
        folder = self._folder
        phases = [first] if last is None else [first, last]
        if folder is None:
            return state, phases
        newest = folder.newest() if folder.resume else None
        if newest is None:
            if folder.resume:
                words = f"{folder.path} holds no checkpoint yet: the run begins at step 0."
                warnings.warn(words, ZooWarning, stacklevel=4)
            folder.log.cut(0)
            folder.begin()
            self.save(state)
            return state, phases
        saved = newest.settings
        if given is None:
            phases = [each.evaluated_every(saved["eval_every"]) for each in phases]
            self._settings["eval_every"] = saved["eval_every"]
        check_same(saved, self._settings, f"The checkpoint in {folder.path}")
        if newest.step > first.options.steps and last is not None:
            state, phases = last.entered(state), phases[1:]
        state = fill(state, newest.header, newest.arrays, newest.path)
        self.history = History.of(folder.log.cut(int(state.step)))
        self._saved = int(state.step)
        if not is_over(state, phases[-1].options):
            folder.begin()
        return state, phases

    def take(self, chunk: Chunk) -> list[Row]:
        """Take a chunk in, write a checkpoint where one is due, and return its steps' rows."""
        rows, evaluated = self.history.add(chunk)
        if self._folder is not None:
            step = int(chunk.state.step)
            self._folder.log.append("train", rows)
            self._folder.log.append("val", evaluated)
            machine = {"compilations": chunk.compilations, "peak_memory": dict(chunk.peak_memory)}
            self._folder.log.append_time(step, len(rows), chunk.seconds, machine)
            if self._due(step):
                self.save(chunk.state)
        return rows

    def save(self, state: TrainState) -> None:
        """Write a checkpoint, unless this state has one."""
        if self._folder is None or int(state.step) == self._saved:
            return
        self._folder.save(state, self._settings)
        self._saved, self._when = int(state.step), time.monotonic()

    def _due(self, step: int) -> bool:
        if self._every is not None:
            return step // self._every > self._saved // self._every
        return time.monotonic() - self._when > SECONDS
