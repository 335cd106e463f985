"""One column of a table as features of a model's input."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias

import numpy as np

from ...errors import DataError
from .cells import MISSING, Kind, too_many
from .dates import look_like_dates
from .table import Table

Missing: TypeAlias = Literal["refuse", "mean"]


@dataclass(frozen=True)
class Encoded:
    """A column's features, float64 [N, features], and which of its cells [N] are empty or hold a
    category that the training rows do not have."""

    values: np.ndarray
    missing: np.ndarray
    unknown: np.ndarray


@dataclass(frozen=True)
class Column:
    """What is known of a column: one of numbers is one feature, one of categories a 0 or 1 for
    each word of the training rows.

    `position` is where it stood in the training file. `fill` is what a missing cell becomes: the
    training mean of the numbers, or the training shares of the categories; None where missing cells
    are refused.
    """

    name: str
    position: int
    categories: tuple[str, ...] | None = None
    fill: tuple[float, ...] | None = None

    @classmethod
    def learn(
        cls, table: Table, position: int, rows: np.ndarray, missing: Missing, told: Kind | None
    ) -> "Column":
        """A column as the training rows (indices) show it; all rows tell whether it is of numbers,
        unless the user has `told`.

        Raises `DataError` for a column without a value there, with a word of its own in almost
        every row, or with a word where numbers are told.
        """
        name, numbers = table.names[position], table.numbers(position)
        if (told or numbers.kind) == "number":
            _refuse_words(table, position)
            values = numbers.values[rows]
            values = values[~np.isnan(values)]
            if not len(values):
                _refuse_empty(table, name)
            return cls(name, position, None, (float(values.mean()),) if missing == "mean" else None)
        cells = table.column(position)
        counts = Counter(cells[row] for row in rows.tolist())
        for cell in MISSING & counts.keys():
            del counts[cell]
        if not counts:
            _refuse_empty(table, name)
        words = tuple(sorted(counts))
        if too_many(len(words), len(rows)):
            raise DataError(
                f"{table.path}, column {name!r} has a word of its own in almost every row "
                f"({len(words)} in {len(rows)}), from which nothing can be learned: leave it out "
                f"with --dataset.ignore {name!r}.{_why_words(table, position, told)}"
            )
        shares = tuple(counts[word] / counts.total() for word in words)
        return cls(name, position, words, shares if missing == "mean" else None)

    @property
    def size(self) -> int:
        """How many features it becomes."""
        return 1 if self.categories is None else len(self.categories)

    @property
    def kind(self) -> Kind:
        """What its cells are."""
        return "number" if self.categories is None else "category"

    def encode(self, table: Table, position: int) -> Encoded:
        """The features of a table's column. Raises `DataError` for a word among numbers."""
        if self.categories is None:
            encoded = self._numbers(table, position)
        else:
            encoded = self._one_hot(table.column(position), self.categories)
        if self.fill is None:
            return encoded
        values = np.where(encoded.missing[:, None], self.fill, encoded.values)
        return Encoded(values, encoded.missing, encoded.unknown)

    def _numbers(self, table: Table, position: int) -> Encoded:
        _refuse_words(table, position)
        values = table.numbers(position).values
        missing = np.isnan(values)
        return Encoded(values[:, None], missing, np.zeros_like(missing))

    def _one_hot(self, cells: list[str], categories: tuple[str, ...]) -> Encoded:
        index = {word: i for i, word in enumerate(categories)}
        places = np.array([index.get(cell, -1) for cell in cells])
        values = (places[:, None] == np.arange(len(index))).astype(np.float64)
        missing = np.fromiter(map(MISSING.__contains__, cells), bool, len(cells))
        return Encoded(values, missing, (places < 0) & ~missing)

    def to_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes the same again."""
        return {
            "name": self.name,
            "kind": self.kind,
            "position": self.position,
            "categories": None if self.categories is None else list(self.categories),
            "fill": None if self.fill is None else list(self.fill),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Column":
        """What `to_json` wrote."""
        categories, fill = values["categories"], values["fill"]
        return cls(
            str(values["name"]),
            int(values["position"]),
            None if categories is None else tuple(map(str, categories)),
            None if fill is None else tuple(map(float, fill)),
        )


def _refuse_words(table: Table, position: int) -> None:
    """Raise `DataError` for a word among numbers."""
    wrong = table.numbers(position).wrong
    if wrong is not None:
        raise DataError(
            f"{table.place(wrong, position)}: {table.cell(wrong, position)!r} is no number, as all "
            "of this column are expected to be."
        )


def _refuse_empty(table: Table, name: str) -> NoReturn:
    raise DataError(
        f"{table.path}, column {name!r} holds no value in the training rows: leave it out "
        f"with --dataset.ignore {name!r}."
    )


def _why_words(table: Table, position: int, told: Kind | None) -> str:
    """Why a column was not read as numbers, and what else could be done with it."""
    numbers = table.numbers(position)
    if told is not None:
        return ""
    if numbers.wrong is None and numbers.code is not None:
        return (
            f" It was not read as numbers since line {table.rows.lines[numbers.code]} holds "
            f"{table.cell(numbers.code, position)!r}, which would lose digits; "
            f"--dataset.numbers {table.names[position]!r} reads it so."
        )
    if look_like_dates(table.column(position)):
        return " It holds dates: numbers, such as days since one of them, could be learned from."
    line, cell = table.rows.lines[numbers.wrong or 0], table.cell(numbers.wrong or 0, position)
    return f" It was not read as numbers since line {line} holds {cell!r}."
