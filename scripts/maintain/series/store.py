"""Where the runs of the study are kept, a line of JSON each, and what tells two of them apart."""

from dataclasses import asdict, dataclass
from pathlib import Path

from json_lines import Row, append_line, read_lines

FOLDER = Path(__file__).parent
RUNS = FOLDER / "runs.jsonl"


@dataclass(frozen=True)
class Trial:
    """One run: a recipe, the share of the points that its data drop, and the seed."""

    recipe: str
    drop: float
    seed: int


def read(path: Path = RUNS) -> dict[Trial, Row]:
    """The runs in a file; a last line that was cut off is none."""
    found = read_lines(path, list(Trial.__annotations__))
    return {Trial(*key): row for key, row in found.items()}


def append(path: Path, trial: Trial, found: Row) -> None:
    """Add a run to a file."""
    append_line(path, asdict(trial) | found)
