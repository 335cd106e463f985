"""The columns of a table that are a model's inputs, as the training rows show them."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import DataError, ZooWarning
from ...registry import unknown
from .column import Column, Missing
from .enumeration import some
from .table import Table


@dataclass(frozen=True)
class Columns:
    """Columns in the order of the model's features.

    A table's columns are found by name where `header`, else by position: `width` is how many the
    training file had.
    """

    columns: tuple[Column, ...]
    width: int
    header: bool
    missing: Missing = "refuse"

    @classmethod
    def numbers(cls, count: int) -> "Columns":
        """Nothing but `count` columns of numbers, whatever they are called."""
        return cls(tuple(Column(f"c{i}", i) for i in range(count)), count, header=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(column.name for column in self.columns)

    def encode(self, table: Table) -> np.ndarray:
        """The inputs of every row, float64 [N, features]; numbers pass through unchanged.

        A category that the training rows do not have gives zeros, with one `ZooWarning`.

        Raises `DataError` for columns that are not there and, by line and column, for a word among
        numbers and for a missing cell where there is nothing to fill it with.
        """
        positions = self._positions(table)
        pairs = list(zip(self.columns, positions, strict=True))
        table.recall([position for column, position in pairs if column.kind == "category"])
        parts = [column.encode(table, position) for column, position in pairs]
        if self.missing == "refuse":
            _refuse_missing(table, positions, np.stack([part.missing for part in parts], axis=1))
        strange = np.stack([part.unknown for part in parts], axis=1)
        if strange.any():
            warnings.warn(_strange_words(table, positions, strange), ZooWarning, stacklevel=3)
        return np.concatenate([part.values for part in parts], axis=1)

    def _positions(self, table: Table) -> list[int]:
        """Where each column stands in a table."""
        if self.header:
            return [_position(table, name, self.names) for name in self.names]
        # As many as there are, or without those that a delimiter at each line's end makes.
        for width in (len(table.names), table.width):
            if width == self.width:
                return [column.position for column in self.columns]
            if width == len(self.columns):
                return list(range(len(self.columns)))
        expected = f"the {len(self.columns)} inputs"
        if self.width > len(self.columns):
            expected = f"{self.width} as in training, or {expected}"
        raise DataError(
            f"{table.path} has {len(table.names)} columns: expected {expected}, in the order of "
            "training."
        )

    def to_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes the same again."""
        columns = [column.to_json() for column in self.columns]
        told = {"width": self.width, "header": self.header, "missing": self.missing}
        return {"columns": columns, **told}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Columns":
        """What `to_json` wrote."""
        columns = tuple(Column.from_json(each) for each in values["columns"])
        return cls(columns, int(values["width"]), bool(values["header"]), values["missing"])


def _position(table: Table, name: str, wanted: Sequence[str]) -> int:
    if name in table.positions:
        return table.positions[name]
    if table.header is None:
        raise DataError(
            f"{table.path} has no line of column names: expected one with those of the model's "
            f"inputs, {some(wanted)}."
        )
    raise DataError(
        f"{table.path} lacks an input of the model. {unknown('column', name, list(table.names))}"
    )


def _refuse_missing(table: Table, positions: Sequence[int], missing: np.ndarray) -> None:
    if not missing.any():
        return
    row, at = (int(i) for i in np.argwhere(missing)[0])
    cell = table.cell(row, positions[at])
    others = f" So are {missing.sum() - 1} more." if missing.sum() > 1 else ""
    raise DataError(
        f"{table.place(row, positions[at])}: the cell is missing ({cell!r}).{others} Fill it in or "
        "delete the row; after training with --dataset.missing mean, the mean takes its place."
    )


def _strange_words(table: Table, positions: Sequence[int], strange: np.ndarray) -> str:
    row, at = (int(i) for i in np.argwhere(strange)[0])
    cell = table.cell(row, positions[at])
    others = f" ({strange.sum() - 1} more such cells)" if strange.sum() > 1 else ""
    return (
        f"{table.place(row, positions[at])}: the training rows have no category {cell!r}{others}; "
        "it counts as none of theirs."
    )
