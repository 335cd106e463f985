"""The metrics log of a run: JSON lines that are the same however often the run was interrupted."""

import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ...checkpoint import json_text, write_atomically
from ...errors import CheckpointError, OutputError, ZooWarning
from .event_files import EventFiles

Row: TypeAlias = dict[str, Any]
"""A row of a log: `split`, `step`, and a number by name, None where it is not finite."""


class MetricsLog:
    """`metrics.jsonl` of a run, a line for each step and each evaluation, and no times in it.

    Times and memory, which no two runs share, go to `times.jsonl`. With `events` every row is added
    to TensorBoard's event files too. One that is not `writable` is only read.
    """

    def __init__(
        self, folder: Path, events: EventFiles | None = None, writable: bool = True
    ) -> None:
        self._writable = writable
        self._rows, self._times = folder / "metrics.jsonl", folder / "times.jsonl"
        self._events = events

    def append(self, split: str, rows: Iterable[Mapping[str, float]]) -> None:
        """Add rows; numbers that are not finite are written as null."""
        added: list[Row] = [{"split": split} | dict(row) for row in rows]
        self._write(self._rows, added)
        if self._events is not None:
            for row in added:
                self._events.append(split, row)

    def append_time(
        self, step: int, steps: int, seconds: float, machine: Mapping[str, object]
    ) -> None:
        """Add how long the last `steps` steps up to `step` took, and what else the machine told."""
        row: dict[str, Any] = {"step": step, "steps": steps, "seconds": round(seconds, 6)}
        self._write(self._times, [{**row, **machine}])

    def has_rows(self) -> bool:
        """Whether there is a whole line in it."""
        return bool(_lines(self._rows))

    def sync(self) -> None:
        """Bring what was added to the disk, which a checkpoint of the same step relies on."""
        if self._events is not None:
            self._events.sync()
        try:
            if self._rows.exists():
                with self._rows.open("rb") as file:
                    os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{self._rows} cannot be written: {error.strerror}.") from error

    def cut(self, step: int) -> list[Row]:
        """Drop what came after a checkpoint of `step`, a partial last line too; what is left.

        Warns of steps that are not there. Raises `CheckpointError` for a line among those to be
        kept that is no row; then nothing is changed.
        """
        lines = _lines(self._rows)
        kept = [n for n, line in enumerate(lines, 1) if _is_before(line, step)]
        whole = lines[: kept[-1]] if kept else []
        rows = _rows(self._rows, whole, step)
        self._warn_of_gaps(rows, step)
        text = b"".join(whole)
        if self._writable and self._rows.exists() and self._rows.read_bytes() != text:
            write_atomically(self._rows, text)
        if self._events is not None:
            self._events.begin(rows, step)
        return rows

    def close(self) -> None:
        """End the event files, where there are some."""
        if self._events is not None:
            self._events.close()

    def _warn_of_gaps(self, rows: Sequence[Row], step: int) -> None:
        there = sum(row["split"] == "train" for row in rows)
        if there < step:
            warnings.warn(
                f"{self._rows} holds {there} of the {step} steps that were taken: the others are "
                "missing in the history and in its figure. The weights do not depend on it.",
                ZooWarning,
                stacklevel=5,
            )

    def _write(self, path: Path, rows: list[dict[str, Any]]) -> None:
        if not self._writable:
            return
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write("".join(map(_line, rows)))
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def read_log(path: Path) -> list[Row]:
    """The rows of a log, without a last line that is not whole; none where there is no log.

    Raises `CheckpointError` for another line that is no row, with its number.
    """
    return _rows(path, _lines(path))


def _lines(path: Path) -> list[bytes]:
    """The lines that end, each with its end."""
    if not path.exists():
        return []
    try:
        *whole, _ = path.read_bytes().split(b"\n")
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error
    return [line + b"\n" for line in whole]


def _rows(path: Path, lines: Sequence[bytes], end: float = math.inf) -> list[Row]:
    """The rows of lines: before a checkpoint of step `end`, and in order."""
    rows: list[Row] = []
    latest = {"train": -1, "val": -1}
    for number, line in enumerate(lines, 1):
        try:
            row = _row(line)
            if not latest[row["split"]] < row["step"] < end + (row["split"] != "train"):
                raise ValueError(f"its step {row['step']} is out of order")
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise CheckpointError(
                f"{path}, line {number}, is no row of a metrics log: {error}. Mend or delete that "
                "line; a run needs none of them to go on."
            ) from None
        latest[row["split"]] = row["step"]
        rows.append(row)
    return rows


def _row(line: bytes) -> Row:
    """The row in a line. Raises `ValueError` and the like with what is wrong."""
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError(f"it is a {type(row).__name__}, expected names and numbers")
    split, step = row.get("split"), row.get("step")
    if split not in ("train", "val"):
        raise ValueError(f"its split is {split!r}, expected train or val")
    if not isinstance(step, int) or isinstance(step, bool):
        raise ValueError(f"its step is {step!r}, expected a whole number")
    for name, value in row.items():
        if value is None or name == "split":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"its {name} is {value!r}, expected a number")
        float(value)  # an integer may be too large for any column of numbers
    return row


def _is_before(line: bytes, step: int) -> bool:
    """Whether a line is a row of what had happened at a checkpoint of `step`."""
    try:
        row = _row(line)
    except (ValueError, ArithmeticError, RecursionError):
        return False
    return row["step"] < step + (row["split"] != "train")


def _line(row: Mapping[str, object]) -> str:
    return json_text(row) + "\n"
