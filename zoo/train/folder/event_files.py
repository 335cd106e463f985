"""The rows of a run's log as TensorBoard's event files, which TensorBoard draws while it trains."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ...errors import ConfigError, OutputError

Row: TypeAlias = Mapping[str, Any]
"""A row of a log: `split`, `step`, and a number by name, None where it is not finite."""


class EventFiles:
    """A folder of event files that gets the rows of a log: `loss/train`, `loss/val` and so on.

    They are a copy: training reads nothing of them, and `metrics.jsonl` stays what it is. They are
    written by tensorboardX, an extra of the zoo.

    Raises `ConfigError` where that is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        check_installed()
        self.folder = Path(folder)
        self._writer: Any = None  # of a package without types

    def begin(self, rows: Iterable[Row], step: int) -> None:
        """Open a file for a run that goes on from a step, of which the log has `rows`.

        What earlier files hold from that step on is void; where there are none, all rows are added.
        Raises `OutputError` for a folder that cannot be written.
        """
        from tensorboardX import SummaryWriter

        try:
            fresh = not any(self.folder.glob("events.*"))
            purged = None if fresh or not step else step
            self._writer = SummaryWriter(str(self.folder), purge_step=purged)
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}.") from error
        for row in rows:
            if fresh or row["step"] >= step:
                self.append(str(row["split"]), row)

    def append(self, split: str, row: Row) -> None:
        """Add the numbers of a row, each below its name and split; those that are None are not."""
        for name, value in row.items():
            if name not in ("split", "step") and value is not None:
                self._writer.add_scalar(f"{name}/{split}", value, row["step"])

    def sync(self) -> None:
        """Hand what was added to the operating system, so that TensorBoard sees it."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Write what is left, and end the writer's thread."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def check_installed() -> None:
    """Raise `ConfigError` where tensorboardX is not installed."""
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "TensorBoard's event files are written by the package tensorboardX, which is not "
            "installed: pip install tensorboardX, or neural-de-zoo[tensorboard]; metrics.jsonl has "
            "the same numbers."
        ) from error
