"""What the cells of a table's column say: numbers, words, or nothing."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Kind: TypeAlias = Literal["number", "category"]

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "NULL", "null"})
"""Cells that hold nothing, whatever the column; in one of numbers `inf` does not either."""

_LEADING_ZERO = re.compile(r"\n[ \t]*0[0-9]")
_SIGNS = ("-", "--", "---", "–", "—", ".", "..", "...", "?", ":")
_WORDS = ("None", "none", "Null", "nil", "n/a", "na", "n.a.", "<NA>", "#N/A", "#NA", "-nan")
_OF_SPREADSHEETS = ("#DIV/0!", "#NUM!", "#VALUE!", "#REF!", "#NAME?", "#NULL!")
PLACEHOLDERS = MISSING.union(_SIGNS, _WORDS, _OF_SPREADSHEETS)
"""Cells that hold nothing where all others of the column are numbers."""

EXACT = 2.0**53
"""From here on float64 does not hold every whole number."""


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers."""

    values: np.ndarray
    """float64 [N]; NaN where a cell is missing, not finite, or no number."""
    wrong: int | None
    """The first row whose cell is neither a number nor missing; None in a column of numbers."""
    decimal_comma: bool
    """Whether the numbers are written like 1,5."""
    code: int | None
    """The first row whose cell `is_code`; None where no cell is one."""

    @property
    def are_numbers(self) -> bool:
        """Whether every cell that is not missing is a number, and there is one."""
        return self.wrong is None and bool(np.isfinite(self.values).any())

    @property
    def kind(self) -> Kind:
        """What the column is taken for unless told otherwise."""
        return "number" if self.are_numbers and self.code is None else "category"


@dataclass(frozen=True, slots=True)
class CellBlock:
    """Some cells of a column, in which numbers are numbers and all else is as it is written."""

    values: np.ndarray
    """float64 [n]; NaN where a cell is not finite, or no number."""
    odd: np.ndarray
    """The rows [k] whose cells are no numbers."""
    texts: list[str]
    """What they say [k], without white space around each."""
    code: int | None
    """The first row whose cell `is_code`."""
    comma: int | None
    """The first row of a number with a decimal comma."""
    points: bool
    """Whether a number has a decimal point."""


def number(cell: str) -> float | None:
    """The number that a cell writes, None for anything else; `nan` and `inf` are numbers here."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return None if "_" in cell else value  # 1_000 is Python's, not a table's


def is_code(cell: str) -> bool:
    """Whether digits are a name rather than an amount: as a number they would not come back.

    So are 01001, which would be 1001, and whole numbers that float64 does not hold.
    """
    cell = cell.strip()
    return cell.isascii() and cell.isdigit() and f"{float(cell):.0f}" != cell


def read_cells(cells: Sequence[str], *, commas: bool) -> CellBlock:
    """A column's cells, as the csv module gives them, as a block. With `commas` 1,5 is a number."""
    joined = "\n".join(cells)  # whatever is asked of all cells is one search in it
    commas = commas and "," in joined
    points = "." in joined
    plain = joined.replace(",", ".").split("\n") if commas and not points else list(cells)
    if "_" in joined or (commas and points) or len(plain) != len(cells):
        return _read_each(cells, commas, joined)
    odd: list[int] = []
    try:
        values = _floats(plain)
    except ValueError:
        odd = [row for row, cell in enumerate(cells) if cell in PLACEHOLDERS]
        for row in odd:
            plain[row] = "nan"
        try:
            values = _floats(plain)
        except ValueError:
            return _read_each(cells, commas, joined)
    return CellBlock(
        values=_finite(values),
        odd=np.array(odd, np.int64),
        texts=[cells[row] for row in odd],
        code=_first_code(cells, joined, values),
        comma=next(row for row, cell in enumerate(cells) if "," in cell) if commas else None,
        points=points,
    )


def too_many(distinct: int, count: int) -> bool:
    """Whether almost every row has a value of its own, from which nothing can be learned."""
    return distinct > max(20, count / 2)


def _floats(cells: Sequence[str]) -> np.ndarray:
    return np.fromiter(map(float, cells), np.float64, len(cells))


def _first_code(cells: Sequence[str], joined: str, values: np.ndarray) -> int | None:
    """The first row whose cell `is_code`; most columns show at a glance that there is none."""
    if not _LEADING_ZERO.search("\n" + joined) and not (np.abs(values) >= EXACT).any():
        return None
    return _first(cells, {cell for cell in set(cells) if is_code(cell)})


def _read_each(cells: Sequence[str], commas: bool, joined: str) -> CellBlock:
    """The block, each different cell looked at once."""
    meaning = {cell: number(cell) for cell in set(cells)}
    points = any("." in cell for cell, value in meaning.items() if value is not None)
    with_comma = {
        cell: number(cell.replace(",", "."))
        for cell, value in meaning.items()
        if commas and value is None and "," in cell and "." not in cell
    }
    with_comma = {cell: value for cell, value in with_comma.items() if value is not None}
    meaning |= with_comma
    words = {cell: cell.strip() for cell, value in meaning.items() if value is None}
    known = {cell: np.nan if value is None else value for cell, value in meaning.items()}
    values = np.fromiter(map(known.__getitem__, cells), np.float64, len(cells))
    odd = np.flatnonzero(np.fromiter(map(words.__contains__, cells), bool, len(cells)))
    return CellBlock(
        values=_finite(values),
        odd=odd,
        texts=[words[cells[row]] for row in odd.tolist()],
        code=_first_code(cells, joined, values),
        comma=_first(cells, with_comma.keys()),
        points=points,
    )


def _first(cells: Sequence[str], wanted: Collection[str]) -> int | None:
    """The first row that holds one of the wanted cells, all of which are there."""
    return next(row for row, cell in enumerate(cells) if cell in wanted) if wanted else None


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)
