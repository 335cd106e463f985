"""The preparation of tables: columns of numbers and of categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from ...errors import DataError
from ...registry import register_preparation
from ..files.cells import Kind
from ..files.column import Column, Missing
from ..files.columns import Columns
from ..files.table import Table
from .checked import check_columns
from .inputs import Inputs, RawArrays
from .standardised import Standardised


@register_preparation("table")
@dataclass(frozen=True, kw_only=True)
class TablePreparation(Standardised):
    """Tables [N, features]: categories as 0 and 1, each feature standardised."""

    kind: ClassVar[str] = "table"
    columns: Columns | None = None
    """The columns of a text file; None for arrays."""

    @classmethod
    def sizes_of(cls, x: np.ndarray) -> dict[str, Any]:
        """The features of an input."""
        return {"in_size": int(x.shape[-1])}

    def numbers(self, raw: RawArrays | Inputs) -> dict[str, np.ndarray]:
        """The features of every row, float64."""
        if isinstance(raw, TableInputs):
            assert self.columns is not None
            return {"x": raw.encoded(self.columns)}
        return super().numbers(raw)

    @property
    def features(self) -> tuple[str, ...]:
        """What the features of a text file are called, a name for each category; () for arrays."""
        columns = () if self.columns is None else self.columns.columns
        return tuple(
            name
            for column in columns
            for name in (
                [column.name]
                if column.categories is None
                else [f"{column.name}={word}" for word in column.categories]
            )
        )

    @property
    def fill(self) -> tuple[float, ...] | None:
        """What a missing value of each feature becomes; None where it is refused."""
        columns = () if self.columns is None else self.columns.columns
        fills = [column.fill for column in columns if column.fill is not None]
        if not fills or len(fills) < len(columns):
            return None
        return tuple(value for fill in fills for value in fill)

    @property
    def word_columns(self) -> tuple[str, ...]:
        """The columns of a text file that hold categories."""
        columns = () if self.columns is None else self.columns.columns
        return tuple(column.name for column in columns if column.categories is not None)

    @property
    def feature_word(self) -> str:
        """A column of a text file, else a feature."""
        return "feature" if self.columns is None else "column"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the training file's columns; () where it had no line of names."""
        return self.columns.names if self.columns is not None and self.columns.header else ()

    def names_of_features(self, count: int) -> list[str]:
        """The name of each feature's column; its place for arrays."""
        if self.columns is None:
            return super().names_of_features(count)
        return [column.name for column in self.columns.columns for _ in range(column.size)]

    def array(self, path: str, x: np.ndarray) -> np.ndarray:
        """The rows of an array. Raises `DataError` where the model takes categories."""
        columns = () if self.columns is None else self.columns.columns
        words = ", ".join(column.name for column in columns if column.kind == "category")
        if words:
            raise DataError(f"{path}: the model takes categories ({words}): give a .csv.")
        return super().array(path, x)

    def rows(self, table: Table) -> np.ndarray:
        """A table's rows as a model takes them, [N, features] in the default floating type.

        For data that were no table, the columns are the features, all of them numbers.

        Raises `DataError` for what `Columns.encode` refuses, and for a number too large for that
        type.
        """
        columns = Columns.numbers(self.in_size) if self.columns is None else self.columns
        with np.errstate(over="ignore"):
            inputs = self.inputs(columns.encode(table))
        bad = ~np.isfinite(inputs).all(axis=1)
        if bad.any():
            line = table.rows.lines[int(np.argmax(bad))]
            raise DataError(
                f"{table.path}, line {line}: a number is too large for {inputs.dtype}, in which "
                "models compute."
            )
        return inputs

    def input_columns(self, path: str) -> tuple[str, ...]:
        """The columns by their names; x0, x1 and so on where they have none.

        Raises `DataError` where one is of words, of which an input holds a number for each.
        """
        if self.columns is None:
            return tuple(f"x{place}" for place in range(self.in_size))
        words = [column.name for column in self.columns.columns if column.kind == "category"]
        if words:
            raise DataError(
                f"{path} would hold numbers in the place of words ({', '.join(words)}): name an "
                ".npz file, whose array x has a number for each word."
            )
        return self.columns.names

    def inputs_json(self) -> dict[str, Any]:
        """The scale and the columns."""
        columns = None if self.columns is None else self.columns.to_json()
        return {**super().inputs_json(), "columns": columns}

    @classmethod
    def inputs_from_json(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The scale and the columns of what `inputs_json` returned."""
        columns = values["columns"]
        return {
            **super().inputs_from_json(values),
            "columns": None if columns is None else Columns.from_json(columns),
        }

    @classmethod
    def check(cls, values: Mapping[str, Any], in_size: int) -> None:
        """Raise `ConfigError` for a scale or columns of another number of features."""
        super().check(values, in_size)
        check_columns(values, in_size)


@dataclass(frozen=True)
class TableInputs:
    """Columns of a table that will be inputs, once it is known which rows are for training.

    `kinds` are those of the columns of which the user told.
    """

    table: Table
    names: tuple[str, ...]
    missing: Missing
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    _encoded: dict[Columns, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.table)

    def encoded(self, columns: Columns) -> np.ndarray:
        """The features [N, features] that columns make of the table; made once."""
        if columns not in self._encoded:
            self._encoded[columns] = columns.encode(self.table)
        return self._encoded[columns]

    def learn(self, rows: np.ndarray, standardise: bool) -> TablePreparation:
        """What the training rows (indices) show. Raises what `Column.learn` does."""
        table = self.table
        places = [(table.positions[name], self.kinds.get(name)) for name in self.names]
        table.recall([p for p, told in places if (told or table.numbers(p).kind) == "category"])
        each = tuple(Column.learn(table, p, rows, self.missing, told) for p, told in places)
        columns = Columns(each, table.width, table.header is not None, self.missing)
        learned = TablePreparation.learn({"x": self.encoded(columns)}, rows, standardise)
        return replace(learned, columns=columns)
