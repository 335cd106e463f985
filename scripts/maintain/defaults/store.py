"""The runs that were done, a line each: a study that is stopped loses the run that it was in."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
Key = tuple[str, str, str, int]
Row = dict[str, Any]
KEY = ("candidate", "dataset", "model", "seed")


def read(part: str) -> dict[Key, Row]:
    """The runs of a part of the study by their key; a last line that was cut off is none."""
    path = FOLDER / f"{part}.jsonl"
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines[:-1] if line]
    return {tuple(row[name] for name in KEY): row for row in rows}


def append(part: str, key: Key, found: Row) -> None:
    """Add a run, on a line of its own also where the line before was cut off."""
    path = FOLDER / f"{part}.jsonl"
    row = dict(zip(KEY, key, strict=True)) | found
    whole = not path.exists() or path.read_bytes().endswith(b"\n") or not path.stat().st_size
    if not whole:
        kept = path.read_bytes()
        path.write_bytes(kept[: kept.rfind(b"\n") + 1])
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
