"""`--tensorboard` of `train`: where the event files of a run go."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from ..train.folder.event_files import check_installed
from ..train.folder.run_folder import check_writable
from .path_names import IsPath

_WITHIN = "True"


@dataclasses.dataclass(kw_only=True)
class EventOptions:
    """Base of the options of a command that trains."""

    tensorboard: Annotated[
        str | None,
        IsPath(),
        tyro.conf.arg(
            metavar="FOLDER|True",
            help="where TensorBoard's event files go, of the extra tensorboard; True for a folder "
            "within the run's",
        ),
    ] = None

    def check_events(self) -> None:
        """Raise `ConfigError` where event files are asked for and their package is not installed,
        and `OutputError` for a folder that cannot be written."""
        if self.tensorboard is None:
            return
        check_installed()
        if self.tensorboard != _WITHIN:
            check_writable(Path(self.tensorboard))

    def events_of(self, run: Path, several: bool) -> Path | None:
        """The folder of event files of a run, its own where it is one of several; None for none."""
        if self.tensorboard is None:
            return None
        if self.tensorboard == _WITHIN:
            return run / "tensorboard"
        return Path(self.tensorboard, run.name if several else "")
