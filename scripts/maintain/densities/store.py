"""Where the runs of the study of flows are kept, and how a cell of a table is written."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from json_lines import Row, read_lines

FOLDER = Path(__file__).parent
RUNS = FOLDER / "runs.jsonl"
KEY = ("part", "case", "seed")
"""What tells two runs apart."""


def read(path: Path = RUNS) -> dict[tuple[object, ...], Row]:
    """The runs in a file by part, case and seed."""
    return read_lines(path, KEY)


def spread(values: Sequence[float], digits: int) -> str:
    """Mean and standard deviation; the value alone where there is one."""
    middle = f"{statistics.mean(values):.{digits}f}"
    return f"{middle} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else middle
