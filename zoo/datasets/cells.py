"""What the cells of a table's column say: numbers, words, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null"})
"""Cells that hold nothing, whatever the column; in one of numbers `inf` does not either."""


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers."""

    values: np.ndarray
    """float64 [N]; NaN where a cell is missing, not finite, or no number."""
    wrong: int | None
    """The first row whose cell is neither a number nor missing; None in a column of numbers."""
    decimal_comma: bool
    """Whether the numbers are written like 1,5."""

    @property
    def are_numbers(self) -> bool:
        """Whether every cell that is not missing is a number, and there is one."""
        return self.wrong is None and bool(np.isfinite(self.values).any())


def number(cell: str) -> float | None:
    """The number that a cell writes, None for anything else; `nan` and `inf` are numbers here."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return None if "_" in cell else value  # 1_000 is Python's, not a table's


def read_numbers(cells: Sequence[str], commas: bool) -> Numbers:
    """A column's cells as numbers.

    Args:
        cells: without white space around them.
        commas: whether 1,5 may be a number. It is one where the column holds a comma, no point,
            and numbers only once its commas are points.
    """
    values, wrong = _parse(cells)
    if wrong is None or not commas or any("." in cell for cell in cells if cell not in MISSING):
        return Numbers(values, wrong, False)
    swapped, still_wrong = _parse([cell.replace(",", ".") for cell in cells])
    if still_wrong is not None:
        return Numbers(values, wrong, False)
    return Numbers(swapped, None, True)


def too_many(distinct: int, count: int) -> bool:
    """Whether almost every row has a value of its own, from which nothing can be learned."""
    return distinct > max(20, count / 2)


def _parse(cells: Sequence[str]) -> tuple[np.ndarray, int | None]:
    parsed = [float("nan") if cell in MISSING else number(cell) for cell in cells]
    wrong = next((row for row, value in enumerate(parsed) if value is None), None)
    values = np.array([np.nan if value is None else value for value in parsed], np.float64)
    return np.where(np.isfinite(values), values, np.nan), wrong
