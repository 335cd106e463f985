"""A table read from a text file: its cells by column, and each row as it is written."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...errors import DataError
from .cells import Numbers
from .columnar import Columnar, ColumnarBuilder
from .delimiter import Delimiter, likely_delimiter
from .enumeration import some
from .header import Header, column_names, is_header
from .input_file import decode, read_bytes
from .records import Record, Records
from .rows import Row, Rows

__all__ = ["Delimiter", "Header", "Table", "read_table"]


@dataclass(frozen=True)
class Table:
    """Named columns of cells, and how the file writes them."""

    path: str
    names: tuple[str, ...]
    rows: Rows
    header: Row | None
    """The line of names, if there is one."""
    columns: Columnar
    encoding: str
    newline: str
    _recalled: dict[int, list[str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def delimiter(self) -> str:
        """What stands between the cells."""
        return self.rows.records.delimiter

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column stands, by its name."""
        return {name: position for position, name in enumerate(self.names)}

    @cached_property
    def blank(self) -> frozenset[int]:
        """The columns without a name in whose cells nothing is written: a delimiter at the end of
        each line makes one."""
        cells = [""] * len(self.names) if self.header is None else self.header.cells
        return frozenset(p for p, c in enumerate(cells) if not c and self.columns.is_blank(p))

    @property
    def width(self) -> int:
        """How many columns there are, without blank ones at the end."""
        return max(set(range(len(self.names))) - self.blank, default=-1) + 1

    def column(self, position: int) -> list[str]:
        """The cells of a column as they are written, without white space around them."""
        kept = self.columns.texts(position)
        if kept is not None:
            return kept
        self.recall([position])
        return self._recalled[position]

    def recall(self, positions: Collection[int]) -> None:
        """Make the cells of columns ready for `column`, all in one reading of the text."""
        wanted = [
            position
            for position in positions
            if position not in self._recalled and self.columns.texts(position) is None
        ]
        found: dict[int, list[str]] = {position: [] for position in wanted}
        same: dict[str, str] = {}
        for cells in self.rows.cells() if wanted else ():
            for position, column in found.items():
                cell = cells[position].strip()
                column.append(same.setdefault(cell, cell))
        self._recalled.update(found)

    def numbers(self, position: int) -> Numbers:
        """A column read as numbers; 1,5 is one where the cells are separated by ; or tab."""
        if position not in self._numbers:
            self._numbers[position] = self.columns.numbers(position)
        return self._numbers[position]

    @cached_property
    def _numbers(self) -> dict[int, Numbers]:
        return {}

    @cached_property
    def decimal_commas(self) -> tuple[str, ...]:
        """The columns of numbers that are written like 1,5."""
        positions = sorted(self.columns.commas)
        return tuple(self.names[p] for p in positions if self.numbers(p).decimal_comma)

    def cell(self, row: int, position: int) -> str:
        """What a cell says, without white space around it."""
        return self.rows[row].cells[position]

    def place(self, row: int, position: int) -> str:
        """A cell's place, in words."""
        return f"{self.path}, line {self.rows.lines[row]}, column {self.names[position]!r}"

    def about(self, options: str) -> str:
        """What was found of how the file is written, and how to say otherwise."""
        named = "line 1 names the columns" if self.header else "line 1 names no columns"
        words = (
            f"{self.path}: {len(self)} rows of {len(self.names)} cells; {named} "
            f"({options}header {'no' if self.header else 'yes'} if that is wrong)."
        )
        if self.decimal_commas:
            words += f" Numbers with a decimal comma: {some(self.decimal_commas)}."
        return words


def read_table(
    path: str,
    *,
    header: Header = "auto",
    delimiter: Delimiter = "auto",
    encoding: str = "utf-8",
    names: Collection[str] = (),
    options: str = "--",
) -> Table:
    """The table of a text file (csv); columns without names are called c0, c1, ...

    Args:
        path: of the file.
        header: whether the first line holds the columns' names; `auto` takes it so where it holds
            all of `names`, or a word above a column of numbers.
        delimiter: between cells; `auto` takes that of , ; tab | which gives all rows as many.
        encoding: its name in Python; a byte-order mark is no part of the text.
        names: of columns that are wanted.
        options: what stands before `encoding` and the others where a user gives them.

    Raises `DataError`, by line, for a file without rows, with rows of unequal length or with two
    columns of one name, and what `decode` raises.
    """
    text, encoding = decode(path, read_bytes(path), encoding, f"{options}encoding")
    known = {"tab": "\t", "auto": ""}.get(delimiter, delimiter)
    records = Records(path, text, known or likely_delimiter(text))
    first = next(records.one_by_one(), None)
    if first is None:
        raise DataError(f"{path} holds blank lines alone: expected rows of data.")
    cells = [cell.strip() for cell in first.cells]
    commas = records.delimiter in ";\t" and "," in text
    builder, places = _read_below(records, first, commas, options)
    below = None if header == "no" else builder.build()
    named = header == "yes" or (below is not None and is_header(cells, below, names, commas=commas))
    if named and len(places) == 1:
        raise DataError(f"{path} has a header and no row of data below it.")
    if below is None or not named:
        builder.add([first.cells], first=True)
        below = builder.build()
    starts, ends, lines = places[int(named) :].T
    return Table(
        path=path,
        names=column_names(path, cells if named else [""] * len(cells), options),
        rows=Rows(records, starts, ends, lines),
        header=Row(first.line, text[first.start : first.end], cells) if named else None,
        columns=below,
        encoding=encoding,
        newline=next((end for end in ("\r\n", "\n", "\r") if end in text), "\n"),
    )


def _read_below(
    records: Records, first: Record, commas: bool, options: str
) -> tuple[ColumnarBuilder, np.ndarray]:
    """All records but the first, and of all of them begin, end and line [N, 3].

    Raises `DataError` for a record with more or fewer cells than the first.
    """
    builder = ColumnarBuilder(len(first.cells), commas)
    places = [np.array([[first.start, first.end, first.line]])]
    for block in records.blocks(first.next, first.next_line, as_numbers=not commas):
        for line, width in zip(block.lines.tolist(), block.widths(), strict=True):
            if width != builder.width:
                raise DataError(
                    f"{records.path}, line {line} has {width} cells, line {first.line} has "
                    f"{builder.width} (separated by {records.delimiter!r}): expected as many in "
                    f"each row. A delimiter within a cell needs quotes round it; another is told "
                    f"by {options}delimiter."
                )
        if block.numbers is None:
            builder.add(block.rows)
        else:
            builder.add_numbers(block.numbers)
        places.append(np.stack([block.starts, block.ends, block.lines], axis=1))
    return builder, np.concatenate(places)
