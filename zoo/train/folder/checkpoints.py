"""The checkpoints of a run's folder: which are sound, and what they say of how far the run is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...checkpoint import read
from ...errors import CheckpointError
from .layout import checkpoints_in


class Saved(NamedTuple):
    """A sound checkpoint, as it was read."""

    path: Path
    header: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the run that it is of, see `zoo.train.folder.settings`."""
        return dict(self.header["config"])

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return int(self.arrays["step"])

    @property
    def updates(self) -> int:
        """How many of them changed the weights."""
        return self.step - int(self.arrays["skipped"])


def sound_checkpoints(run: Path) -> tuple[list[Saved], list[str]]:
    """The sound checkpoints of a run's folder, the newest first, and what is wrong with those that
    are damaged and newer than all of them.

    Raises `CheckpointError` for a whole file among them that is something else, such as weights.
    """
    found: list[Saved] = []
    problems: list[str] = []
    for path in checkpoints_in(run):
        try:
            header, arrays = read(path)
        except CheckpointError as error:
            problems += [] if found else [str(error)]
            continue
        if header.get("kind") != "state":
            raise CheckpointError(
                f"{path} holds a {header.get('kind')!r} and no state of training: it is no "
                "checkpoint of this run. Move it out of the folder."
            )
        found.append(Saved(path, header, arrays))
    return found, problems
