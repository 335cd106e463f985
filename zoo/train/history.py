"""What a training run tells: a row for each step, one for each evaluation, and how long it took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .loop import Chunk

Row = dict[str, float]


@dataclass
class History:
    """What happened: a row for each step and one for each evaluation on the validation split."""

    train: list[Row] = field(default_factory=list)
    val: list[Row] = field(default_factory=list)
    seconds: list[tuple[int, float]] = field(default_factory=list)
    """(steps, seconds) of each chunk since this program started; the first holds the compilation.
    """

    compilations: int = 0
    """Programs that were compiled for training since this program started."""
    peak_memory: Mapping[str, int] = field(default_factory=dict)
    """The most bytes in use, of the `process` and, where it is known, of the `device`."""

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "History":
        """The history of a metrics log's rows, whose `split` says which kind each is."""
        history = cls()
        for row in rows:
            rest = {k: float("nan") if v is None else v for k, v in row.items() if k != "split"}
            (history.train if row["split"] == "train" else history.val).append(rest)
        return history

    def add(self, chunk: Chunk) -> tuple[list[Row], list[Row]]:
        """Take a chunk's rows in and return the new ones: for its steps, and for an evaluation."""
        report = chunk.report
        columns = {"loss": report.loss, **report.metrics, "nfe": report.nfe}
        columns |= {"failed": report.failed, "skipped": ~report.ok}
        if report.learning_rate is not None:
            columns["lr"] = report.learning_rate
        rows = [
            {"step": int(step)} | {name: float(c[i]) for name, c in columns.items()}
            for i, step in enumerate(chunk.steps)
        ]
        evaluated = [] if chunk.val is None else [{"step": int(chunk.state.step)} | chunk.val]
        self.train += rows
        self.val += evaluated
        self.seconds.append((len(rows), chunk.seconds))
        self.compilations += chunk.compilations
        self.peak_memory = chunk.peak_memory
        return rows, evaluated

    @property
    def steps_per_second(self) -> float:
        """Speed without the first chunk, in which compilation hides."""
        rest = self.seconds[1:]
        return sum(n for n, _ in rest) / max(sum(s for _, s in rest), 1e-9) if rest else 0.0
