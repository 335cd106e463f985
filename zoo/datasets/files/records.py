"""A text cut into its records: where each stands, and its cells as text or as numbers."""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from ...errors import DataError
from .cells import EXACT

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LEADING_ZERO = re.compile("[ \\t]*0[0-9]")
# How much is cut at a time: few enough records for the garbage collector, which looks at each of
# them, and enough for what is done once for each column.
_CHARACTERS = 1 << 20
_LINES = 16


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it begins and ends in the text, its line, its cells as the csv module gives
    them, and where and on which line the next one begins."""

    start: int
    end: int
    line: int
    cells: list[str]
    next: int
    next_line: int


@dataclass(frozen=True)
class Block:
    """Some records in a row.

    `starts` and `ends` [n] are places in the text, `lines` [n] count from 1. The cells are
    `numbers`, float64 [n, width], where all of them are and no text is needed to tell more of them;
    else `numbers` is None, and they are `rows`.
    """

    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray
    rows: list[list[str]]
    numbers: np.ndarray | None = None

    def widths(self) -> list[int]:
        """How many cells each record has."""
        if self.numbers is not None:
            return [self.numbers.shape[1]] * len(self.lines)
        return list(map(len, self.rows))


class Records:
    """The records of a text that are no blank lines, in order."""

    def __init__(self, path: str, text: str, delimiter: str) -> None:
        self.path, self.text, self.delimiter = path, text, delimiter
        crlf = text.count("\r\n") if "\r" in text else 0
        uniform = crlf == text.count("\r") == text.count("\n") if "\r" in text else True
        self._end = ("\r\n" if crlf else "\n") if uniform else None
        first = _LINE.match(text)
        self._chunk = max(_CHARACTERS, _LINES * (first.end() if first else 0))

    def cells(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The cells of each record of some lines, as the csv module gives them."""
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)

    def one_by_one(self, at: int = 0, line: int = 1) -> Iterator[Record]:
        """The records from a place, and the line that begins there, on.

        Raises `DataError` for quotes that make no sense.
        """
        begin = at
        taken: list[str] = []

        def lines() -> Iterator[str]:
            for found in _LINE.finditer(self.text, begin):
                taken.append(found.group())
                yield found.group()

        try:
            for cells in self.cells(lines()):
                written = "".join(taken)
                next_at, next_line = at + len(written), line + len(taken)
                if len(cells) > 1 or any(cell.strip() for cell in cells):
                    end = at + len(_without_end(written))
                    yield Record(at, end, line, cells, next_at, next_line)
                at, line = next_at, next_line
                taken.clear()
        except csv.Error as error:
            self._refuse(line, error)

    def blocks(self, at: int, line: int, *, as_numbers: bool = True) -> Iterator[Block]:
        """From a place and its line on: the records, many at a time. Raises as `one_by_one`."""
        while at < len(self.text):
            stop = self._stop(at)
            if '"' in self.text[at:stop]:
                block, at, line = self._with_quotes(at, line, stop)
            else:
                block, line = self._without_quotes(at, line, stop, as_numbers)
                at = stop
            if len(block.lines):
                yield block

    def _refuse(self, line: int, error: csv.Error) -> NoReturn:
        raise DataError(
            f"{self.path}, line {line}: {error}. Within quotes a quote is written twice, and "
            "the closing one stands right before the delimiter."
        ) from None

    def _stop(self, at: int) -> int:
        """Where a line ends, about a chunk further on."""
        if at + self._chunk >= len(self.text):
            return len(self.text)
        if self._end is not None:
            return self.text.find("\n", at + self._chunk) + 1 or len(self.text)
        found = next(_LINE.finditer(self.text, at + self._chunk), None)
        return len(self.text) if found is None else found.end()

    def _with_quotes(self, at: int, line: int, stop: int) -> tuple[Block, int, int]:
        rows, places = [], []
        for record in self.one_by_one(at, line):
            rows.append(record.cells)
            places.append((record.start, record.end, record.line))
            at, line = record.next, record.next_line
            if at >= stop:
                break
        else:
            at = len(self.text)
        starts, ends, lines = np.array(places, np.int64).reshape(-1, 3).T
        return Block(starts, ends, lines, rows), at, line

    def _without_quotes(self, at: int, line: int, stop: int, as_numbers: bool) -> tuple[Block, int]:
        """The block up to a place where a line ends, and the line that follows."""
        texts, starts = self._lines(at, stop)
        count = len(texts)
        lines = np.arange(line, line + count)
        if not all(texts) or any(map(str.isspace, texts)):
            kept = [bool(each.strip()) or self.delimiter in each for each in texts]
            texts = list(itertools.compress(texts, kept))
            starts, lines = starts[kept], lines[kept]
        ends = starts + np.fromiter(map(len, texts), np.int64, len(texts))
        numbers = self._numbers(texts, self.text[at:stop]) if as_numbers and texts else None
        rows = self._rows(texts, lines) if numbers is None else []
        return Block(starts, ends, lines, rows, numbers), line + count

    def _lines(self, at: int, stop: int) -> tuple[list[str], np.ndarray]:
        """The lines between two places, without their ends, and where each begins."""
        if self._end is None:
            found = list(_LINE.finditer(self.text, at, stop))
            starts = np.array([each.start() for each in found], np.int64)
            return [each.group().rstrip("\r\n") for each in found], starts
        texts = self.text[at:stop].split(self._end)
        if not texts[-1]:
            texts.pop()
        lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + len(self._end)
        return texts, at + np.cumsum(lengths) - lengths

    def _rows(self, texts: Sequence[str], lines: np.ndarray) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            rows.extend(self.cells(texts))
        except csv.Error as error:
            self._refuse(int(lines[len(rows)]), error)
        return rows

    def _numbers(self, texts: Sequence[str], chunk: str) -> np.ndarray | None:
        """The cells by NumPy's own parser, None where one is no number or may be a code."""
        if _LEADING_ZERO.match(chunk) or any(
            re.search(f"{re.escape(before)}{_LEADING_ZERO.pattern}", chunk)
            for before in (self.delimiter, "\n", "\r")
        ):
            return None
        try:
            values = np.loadtxt(texts, np.float64, None, self.delimiter, ndmin=2)
        except ValueError:
            return None
        if len(values) != len(texts) or (np.abs(values) >= EXACT).any():
            return None
        return np.where(np.isfinite(values), values, np.nan)


def _without_end(written: str) -> str:
    """Without the end of its last line."""
    for end in ("\r\n", "\n", "\r"):
        if written.endswith(end):
            return written.removesuffix(end)
    return written
