"""The cells of a table by column: numbers as numbers, and all others as they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .cells import PLACEHOLDERS, CellBlock, Numbers, read_cells


@dataclass(frozen=True)
class Odd:
    """The cells of a column that are no numbers: their rows [k], ascending, and texts [k]."""

    rows: np.ndarray
    texts: list[str]


@dataclass
class Columnar:
    """The cells of rows by column.

    What a cell of a number looks like is not kept: a table of a million rows is as large as its
    numbers.
    """

    values: np.ndarray
    """float64 [columns, N]; NaN where a cell is no finite number."""
    odd: dict[int, Odd]
    """Of the columns that have any."""
    codes: dict[int, int]
    """The first row whose cell `is_code`, of the columns that have one."""
    commas: dict[int, int]
    """The first row of a number with a decimal comma, of the columns that have one."""
    points: set[int]
    """The columns in which a number has a decimal point, among those in `commas`."""

    def numbers(self, position: int) -> Numbers:
        """A column read as numbers.

        1,5 is one where the column holds no point, and numbers only once its commas are points.
        """
        odd = self.odd_cells(position)
        wrong = next((row for row, text in odd if text not in PLACEHOLDERS), None)
        comma = self.commas.get(position)
        if comma is not None and position in self.points:
            wrong = comma if wrong is None else min(comma, wrong)
        decimal = comma is not None and wrong is None
        return Numbers(self.values[position], wrong, decimal, self.codes.get(position))

    def odd_cells(self, position: int) -> Iterator[tuple[int, str]]:
        """The cells of a column that are no numbers, each with its row."""
        odd = self.odd.get(position)
        return iter(()) if odd is None else zip(odd.rows.tolist(), odd.texts, strict=True)

    def texts(self, position: int) -> list[str] | None:
        """The cells of a column as they are written, None where that was not kept."""
        odd = self.odd.get(position)
        return odd.texts if odd is not None and len(odd.texts) == self.values.shape[1] else None

    def is_blank(self, position: int) -> bool:
        """Whether nothing is written in any cell of a column."""
        texts = self.texts(position)
        return texts is not None and not any(texts)


@dataclass
class ColumnarBuilder:
    """Takes rows, many at a time, and gives them by column; 1,5 may be a number with `commas`."""

    width: int
    commas: bool
    _parts: list[np.ndarray | list[CellBlock]] = field(default_factory=list)

    def add(self, rows: Sequence[Sequence[str]], *, first: bool = False) -> None:
        """Take rows of `width` cells, behind those that were taken or before them."""
        blocks = [read_cells(cells, commas=self.commas) for cells in zip(*rows, strict=True)]
        self._parts.insert(0 if first else len(self._parts), blocks)

    def add_numbers(self, values: np.ndarray) -> None:
        """Take rows [n, width] that hold nothing but numbers without decimal commas."""
        self._parts.append(values)

    def build(self) -> Columnar:
        """All rows by column."""
        sizes = [len(p) if isinstance(p, np.ndarray) else len(p[0].values) for p in self._parts]
        built = Columnar(np.empty((self.width, sum(sizes))), {}, {}, {}, set())
        found: dict[int, list[tuple[np.ndarray, list[str]]]] = {}
        begin = 0
        for part, size in zip(self._parts, sizes, strict=True):
            if isinstance(part, np.ndarray):
                built.values[:, begin : begin + size] = part.T
            else:
                for position, block in enumerate(part):
                    _put(built, found, block, position, begin)
            begin += size
        for position, pieces in found.items():
            rows = np.concatenate([rows for rows, _ in pieces])
            built.odd[position] = Odd(rows, [text for _, texts in pieces for text in texts])
        return built


def _put(
    built: Columnar,
    found: dict[int, list[tuple[np.ndarray, list[str]]]],
    block: CellBlock,
    position: int,
    begin: int,
) -> None:
    """A block of a column, whose first row is the table's row `begin`, in its place."""
    built.values[position, begin : begin + len(block.values)] = block.values
    if block.texts:
        found.setdefault(position, []).append((block.odd + begin, block.texts))
    if block.code is not None:
        built.codes.setdefault(position, block.code + begin)
    if block.comma is not None:
        built.commas.setdefault(position, block.comma + begin)
    if block.points:
        built.points.add(position)
