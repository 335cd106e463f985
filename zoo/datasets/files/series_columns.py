"""What the columns of a long table are for: read once for training, kept for new tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import DataError
from ...registry import unknown
from .cells import MISSING
from .clock import Clock
from .long_rows import LongRows
from .table import Table


@dataclass(frozen=True)
class SeriesColumns:
    """The columns of a long table by name, and how its times are written.

    It travels in the weight file, so that a new table is read as the training one was.
    """

    id: str | None
    """Which series a row is of; None where all are of one."""
    time: str
    values: tuple[str, ...]
    static: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    clock: Clock = field(default_factory=Clock)

    @property
    def names(self) -> tuple[str, ...]:
        """All of the columns."""
        first = () if self.id is None else (self.id,)
        return (*first, self.time, *self.values, *self.static, *self.inputs)

    def read(self, table: Table, times: np.ndarray | None = None) -> LongRows:
        """The rows of a table; `times` are its own, where `read_times` has read them already.

        Raises `DataError` for a column that is not there and, by line, for a word among numbers,
        and a missing id, time, input or static number.
        """
        for name in self.names:
            if name not in table.positions:
                known = unknown("column", name, list(table.names))
                raise DataError(f"{table.path} lacks a column of the model's. {known}")
        place = TableRow(table)
        return LongRows(
            self._ids(table),
            self.clock.numbers(time_cells(table, self.time) if times is None else times, place),
            _stacked(table, self.values),
            place,
            inputs=_complete(table, self.inputs, "an input"),
            static=_complete(table, self.static, "a static number"),
            static_names=self.static,
        )

    def _ids(self, table: Table) -> np.ndarray:
        """Which series each row is of, numbers or text. Raises `DataError` for a missing one."""
        if self.id is None:
            return np.zeros(len(table), np.int64)
        position = table.positions[self.id]
        numbers = table.numbers(position)
        if numbers.kind == "number":
            missing, ids = np.isnan(numbers.values), numbers.values
        else:
            cells = table.column(position)
            missing = np.fromiter(map(MISSING.__contains__, cells), bool, len(cells))
            ids = np.array(cells)
        if missing.any():
            row = int(np.argmax(missing))
            raise DataError(
                f"{table.place(row, position)}: the id is missing: expected one in each row, which "
                "says of which series it is. Fill it in, or delete the row."
            )
        return ids

    def to_json(self) -> dict[str, Any]:
        """JSON values, from which `from_json` makes the same again."""
        return {
            "id": self.id,
            "time": self.time,
            "values": list(self.values),
            "static": list(self.static),
            "inputs": list(self.inputs),
            "clock": self.clock.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "SeriesColumns":
        """What `to_json` wrote."""
        lists = {n: tuple(map(str, values[n])) for n in ("values", "static", "inputs")}
        clock = Clock.from_json(values["clock"])
        return cls(values["id"], str(values["time"]), **lists, clock=clock)


@dataclass(frozen=True)
class TableRow:
    """Where a row of a table is, in words."""

    table: Table

    def __call__(self, row: int) -> str:
        """The file and the line of a row."""
        return f"{self.table.path}, line {self.table.rows.lines[row]}"


def time_cells(table: Table, name: str) -> np.ndarray:
    """The times of a table as it writes them: numbers, or text where they are none or too long."""
    position = table.positions[name]
    numbers = table.numbers(position)
    if numbers.kind == "number" and not np.isnan(numbers.values).any():
        return numbers.values
    return np.array(table.column(position))


def number_column(table: Table, name: str) -> np.ndarray:
    """The numbers [R] of a column, NaN where one is missing. Raises `DataError` for a word."""
    position = table.positions[name]
    numbers = table.numbers(position)
    if numbers.wrong is not None:
        raise DataError(
            f"{table.place(numbers.wrong, position)}: {table.cell(numbers.wrong, position)!r} is "
            "no number, as all values, inputs and static columns of series are expected to be. "
            "Give words as numbers, such as 0 and 1 for each."
        )
    return numbers.values


def _stacked(table: Table, names: tuple[str, ...]) -> np.ndarray:
    return np.stack([number_column(table, name) for name in names], axis=1)


def _complete(table: Table, names: tuple[str, ...], what: str) -> np.ndarray | None:
    """Columns of numbers of which none is missing, [R, columns]; None for no columns."""
    if not names:
        return None
    values = _stacked(table, names)
    missing = np.isnan(values)
    if missing.any():
        row, column = (int(i) for i in np.argwhere(missing)[0])
        position = table.positions[names[column]]
        raise DataError(
            f"{table.place(row, position)}: {what} is missing ({table.cell(row, position)!r}): "
            "expected a number in each row. Fill it in; a value alone may be missing."
        )
    return values
