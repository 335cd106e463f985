"""One column of a table as features of a model's input."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ..errors import DataError
from .cells import MISSING, too_many
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
    def learn(cls, table: Table, position: int, rows: np.ndarray, missing: Missing) -> "Column":
        """A column as the training rows (indices) show it; all rows tell whether it is of numbers.

        Raises `DataError` for a column without a value there, or with a word of its own in almost
        every row.
        """
        name, cells = table.names[position], table.column(position)
        numbers = table.numbers(position)
        values = numbers.values[rows]
        values = values[~np.isnan(values)]
        counts = Counter(cells[row] for row in rows if cells[row] not in MISSING)
        if not (len(values) if numbers.are_numbers else counts):
            raise DataError(
                f"{table.path}, column {name!r} holds no value in the training rows: leave it out "
                f"with --dataset.ignore {name!r}."
            )
        if numbers.are_numbers:
            return cls(name, position, None, (float(values.mean()),) if missing == "mean" else None)
        words = tuple(sorted(counts))
        if too_many(len(words), len(rows)):
            wrong = numbers.wrong or 0
            raise DataError(
                f"{table.path}, column {name!r} has a word of its own in almost every row "
                f"({len(words)} in {len(rows)}), from which nothing can be learned: leave it out "
                f"with --dataset.ignore {name!r}. It was not read as numbers since line "
                f"{table.rows[wrong].line} holds {cells[wrong]!r}."
            )
        shares = tuple(counts[word] / counts.total() for word in words)
        return cls(name, position, words, shares if missing == "mean" else None)

    @property
    def size(self) -> int:
        """How many features it becomes."""
        return 1 if self.categories is None else len(self.categories)

    @property
    def kind(self) -> Literal["number", "category"]:
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
        numbers = table.numbers(position)
        if numbers.wrong is not None:
            raise DataError(
                f"{table.place(numbers.wrong, position)}: "
                f"{table.rows[numbers.wrong].cells[position]!r} is no number, as all of this "
                "column were in training."
            )
        missing = np.isnan(numbers.values)
        return Encoded(numbers.values[:, None], missing, np.zeros_like(missing))

    def _one_hot(self, cells: list[str], categories: tuple[str, ...]) -> Encoded:
        index = {word: i for i, word in enumerate(categories)}
        places = np.array([index.get(cell, -1) for cell in cells])
        values = (places[:, None] == np.arange(len(index))).astype(np.float64)
        missing = np.array([cell in MISSING for cell in cells])
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
