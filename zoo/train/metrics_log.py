"""The metrics log of a run: JSON lines that are the same however often the run was interrupted."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..checkpoint import write_atomically
from ..errors import OutputError


class MetricsLog:
    """`metrics.jsonl` of a run, a line for each step and each evaluation, and no times in it.

    Times and memory, which no two runs share, go to `times.jsonl`.
    """

    def __init__(self, folder: Path) -> None:
        self._rows, self._times = folder / "metrics.jsonl", folder / "times.jsonl"

    def append(self, split: str, rows: Iterable[Mapping[str, float]]) -> None:
        """Add rows; numbers that are not finite are written as null."""
        self._write(self._rows, [{"split": split} | dict(row) for row in rows])

    def append_time(
        self, step: int, steps: int, seconds: float, machine: Mapping[str, Any]
    ) -> None:
        """Add how long the last `steps` steps up to `step` took, and what else the machine told."""
        row: dict[str, Any] = {"step": step, "steps": steps, "seconds": round(seconds, 6)}
        self._write(self._times, [{**row, **machine}])

    def rows(self) -> list[dict[str, Any]]:
        """The rows, up to the first line that is not whole."""
        return read_log(self._rows)

    def sync(self) -> None:
        """Bring what was added to the disk, which a checkpoint of the same step relies on."""
        try:
            if self._rows.exists():
                with self._rows.open("rb") as file:
                    os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{self._rows} cannot be written: {error.strerror}.") from error

    def cut(self, step: int) -> list[dict[str, Any]]:
        """Drop what came after a checkpoint of `step`, a partial last line too; what is left."""
        kept = [row for row in self.rows() if row["step"] < step + (row["split"] != "train")]
        text = "".join(_line(row) for row in kept).encode()
        if self._rows.exists() and self._rows.read_bytes() != text:
            write_atomically(self._rows, text)
        return kept

    def _write(self, path: Path, rows: list[dict[str, Any]]) -> None:
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write("".join(map(_line, rows)))
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a log, up to the first line that is not whole; none where there is no log."""
    rows: list[dict[str, Any]] = []
    if not path.is_file():
        return rows
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        try:
            row = json.loads(line)
            whole = line.endswith("\n") and {"split", "step"} <= row.keys()
        except (ValueError, AttributeError):
            return rows
        if not whole:
            return rows
        rows.append(row)
    return rows


def _line(row: Mapping[str, Any]) -> str:
    finite = {
        k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()
    }
    return json.dumps(finite) + "\n"
