"""Runs that are kept as they end, a line of JSON each: what is stopped loses the run it was in."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def read_lines(path: Path, key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    """The runs in a file by the values of the columns in `key`; a line that was cut off is none."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines[:-1] if line]
    return {tuple(row[name] for name in key): row for row in rows}


def append_line(path: Path, row: Row) -> None:
    """Add a run, on a line of its own also where the line before was cut off."""
    whole = not path.exists() or path.read_bytes().endswith(b"\n") or not path.stat().st_size
    if not whole:
        kept = path.read_bytes()
        path.write_bytes(kept[: kept.rfind(b"\n") + 1])
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
