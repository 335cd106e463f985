"""A table read from a text file: its cells as they are written, and the line of each row."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from ..errors import DataError
from .cells import MISSING, Numbers, number, read_numbers
from .input_file import decode, read_bytes

Header: TypeAlias = Literal["auto", "yes", "no"]
Delimiter: TypeAlias = Literal["auto", ",", ";", "tab", "|"]

# The comma last: in files separated by another it often stands in numbers.
_DELIMITERS = ("\t", ";", "|", ",")
_SAMPLE = 1 << 16


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
class Table:
    """Named columns of cells, [rows][columns], and how the file writes them."""

    path: str
    names: tuple[str, ...]
    rows: list[Row]
    header: Row | None
    delimiter: str
    encoding: str
    newline: str

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, position: int) -> list[str]:
        """The cells of a column."""
        return [row.cells[position] for row in self.rows]

    def numbers(self, position: int) -> Numbers:
        """A column read as numbers; 1,5 is one where the cells are separated by ; or tab."""
        if position not in self._read:
            self._read[position] = read_numbers(self.column(position), self.delimiter in ";\t")
        return self._read[position]

    @cached_property
    def _read(self) -> dict[int, Numbers]:
        """What `numbers` gave, since parsing takes longest."""
        return {}

    @cached_property
    def decimal_commas(self) -> tuple[str, ...]:
        """The columns of numbers that are written like 1,5."""
        return tuple(n for i, n in enumerate(self.names) if self.numbers(i).decimal_comma)

    def place(self, row: int, position: int) -> str:
        """A cell's place, in words."""
        return f"{self.path}, line {self.rows[row].line}, column {self.names[position]!r}"

    def about(self, options: str) -> str:
        """What was found of how the file is written, and how to say otherwise."""
        named = "line 1 names the columns" if self.header else "line 1 names no columns"
        words = (
            f"{self.path}: {len(self)} rows of {len(self.names)} cells; {named} "
            f"({options}header {'no' if self.header else 'yes'} if that is wrong)."
        )
        if self.decimal_commas:
            words += f" Numbers with a decimal comma: {', '.join(self.decimal_commas)}."
        return words


def read_table(
    path: str,
    *,
    header: Header = "auto",
    delimiter: Delimiter = "auto",
    encoding: str = "utf-8",
    names: Sequence[str] = (),
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
    separator = known or _likely_delimiter(text)
    rows = list(_rows(path, text, separator))
    if not rows:
        raise DataError(f"{path} holds blank lines alone: expected rows of data.")
    _check_widths(path, rows, separator, options)
    first = rows[0] if _has_header(rows, header, names, separator) else None
    if first is not None and len(rows) == 1:
        raise DataError(f"{path} has a header and no row of data below it.")
    return Table(
        path=path,
        names=_names(path, first, len(rows[0].cells), options),
        rows=rows[1:] if first else rows,
        header=first,
        delimiter=separator,
        encoding=encoding,
        newline=next((end for end in ("\r\n", "\n", "\r") if end in text), "\n"),
    )


def _rows(path: str, text: str, delimiter: str) -> Iterator[Row]:
    """The records that are no blank lines."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    begin = 0
    try:
        for cells in reader:
            written = "".join(lines[begin : reader.line_num])
            end = next((e for e in ("\r\n", "\n", "\r") if written.endswith(e)), "")
            stripped = [cell.strip() for cell in cells]
            if len(cells) > 1 or any(stripped):
                yield Row(begin + 1, written.removesuffix(end), stripped)
            begin = reader.line_num
    except csv.Error as error:
        raise DataError(
            f"{path}, line {begin + 1}: {error}. Within quotes a quote is written twice, and "
            "the closing one stands right before the delimiter."
        ) from None


def _likely_delimiter(text: str) -> str:
    """The one that gives all rows of the beginning the same number of cells, more than one."""
    sample = text[:_SAMPLE]
    shares = {}
    for delimiter in _DELIMITERS:
        sampled = io.StringIO(sample, newline="")
        reader = csv.reader(sampled, delimiter=delimiter, skipinitialspace=True)
        widths = [len(cells) for cells in reader if cells]
        if len(text) > _SAMPLE and len(widths) > 1:
            widths.pop()  # a record cut in two
        width, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
        shares[delimiter] = count / len(widths) if width > 1 else 0.0
    best = max(_DELIMITERS, key=lambda delimiter: shares[delimiter])
    return best if shares[best] > 0 else ","


def _check_widths(path: str, rows: Sequence[Row], delimiter: str, options: str) -> None:
    expected = len(rows[0].cells)
    for row in rows:
        if len(row.cells) != expected:
            raise DataError(
                f"{path}, line {row.line} has {len(row.cells)} cells, line {rows[0].line} has "
                f"{expected} (separated by {delimiter!r}): expected as many in each row. A "
                f"delimiter within a cell needs quotes round it; another is told by "
                f"{options}delimiter."
            )


def _has_header(rows: Sequence[Row], header: Header, names: Sequence[str], delimiter: str) -> bool:
    if header != "auto":
        return header == "yes"
    first = rows[0].cells
    if names and set(names) <= set(first):
        return True
    commas = delimiter in ";\t"
    for position, cell in enumerate(first):
        is_word = cell not in MISSING and number(cell.replace(",", "." if commas else ",")) is None
        below = [row.cells[position] for row in rows[1:]] if is_word else []
        if below and read_numbers(below, commas).are_numbers:
            return True
    return False


def _names(path: str, header: Row | None, count: int, options: str) -> tuple[str, ...]:
    cells = [""] * count if header is None else header.cells
    names = [cell or f"c{position}" for position, cell in enumerate(cells)]
    for position, name in enumerate(names):
        if names.index(name) < position:
            raise DataError(
                f"{path} calls columns {names.index(name) + 1} and {position + 1} both {name!r}: "
                f"rename one; if line 1 holds data and no names, say {options}header no."
            )
    return tuple(names)
