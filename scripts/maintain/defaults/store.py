"""The runs that were done, a line each: a study that is stopped loses the run that it was in."""

from pathlib import Path

from json_lines import Row, append_line, read_lines

FOLDER = Path(__file__).parent
Key = tuple[str, str, str, int]
KEY = ("candidate", "dataset", "model", "seed")


def read(part: str) -> dict[Key, Row]:
    """The runs of a part of the study by their key; a last line that was cut off is none."""
    return read_lines(FOLDER / f"{part}.jsonl", KEY)  # type: ignore[return-value]


def append(part: str, key: Key, found: Row) -> None:
    """Add a run, on a line of its own also where the line before was cut off."""
    append_line(FOLDER / f"{part}.jsonl", dict(zip(KEY, key, strict=True)) | found)
