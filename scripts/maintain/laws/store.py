"""Where the runs of the study of laws are kept, a line of JSON each."""

from pathlib import Path

from json_lines import Row, read_lines

FOLDER = Path(__file__).parent
RUNS = FOLDER / "runs.jsonl"
KEY = ("part", "case", "seed")
"""What tells two runs apart."""


def read(path: Path = RUNS) -> dict[tuple[object, ...], Row]:
    """The runs in a file by part, case and seed."""
    return read_lines(path, KEY)
