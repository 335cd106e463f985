"""Where the runs of the study are kept, a line of JSON each, and what tells two of them apart."""

from dataclasses import asdict, dataclass
from pathlib import Path

from json_lines import Row, append_line, read_lines

FOLDER = Path(__file__).parent
RUNS = FOLDER / "runs.jsonl"


@dataclass(frozen=True)
class Trial:
    """One run: what is trained, on how much, and from which seed."""

    dataset: str
    contender: str
    images: int
    """Training images."""
    epochs: int
    test: int
    """Images that it is scored on, the first of the test files."""
    seed: int


def read(path: Path = RUNS) -> dict[Trial, Row]:
    """The runs in a file; a last line that was cut off is none."""
    found = read_lines(path, list(Trial.__annotations__))
    return {Trial(*key): row for key, row in found.items()}


def append(path: Path, trial: Trial, found: Row) -> None:
    """Add a run to a file."""
    append_line(path, asdict(trial) | found)
