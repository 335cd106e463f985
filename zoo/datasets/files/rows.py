"""The rows of a table as they are written in its file."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from .records import Records


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file."""

    line: int
    """Where it begins, as an editor counts."""
    text: str
    """As it is written, without the line's end."""
    cells: list[str]
    """What it says, without white space around each."""


@dataclass(frozen=True)
class Rows(Sequence[Row]):
    """The rows of a table, each cut out of the text when it is asked for."""

    records: Records
    starts: np.ndarray
    """Where each row [N] begins in the text."""
    ends: np.ndarray
    """Where it ends."""
    lines: np.ndarray
    """The line [N] on which it begins, as an editor counts."""

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        text = self.text(index)
        cells = next(self.records.cells(io.StringIO(text, newline="")))
        return Row(int(self.lines[index]), text, [cell.strip() for cell in cells])

    def text(self, index: int) -> str:
        """A row as it is written, without the line's end."""
        return self.records.text[self.starts[index] : self.ends[index]]

    def texts(self) -> Iterator[str]:
        """All rows as they are written."""
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.records.text[start:end]

    def cells(self) -> Iterator[list[str]]:
        """The cells of all rows, as the csv module gives them."""
        begin, line = int(self.starts[0]), int(self.lines[0])
        for block in self.records.blocks(begin, line, as_numbers=False):
            yield from block.rows
