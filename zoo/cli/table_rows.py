"""The rows of a table in, the same rows with predictions out."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..datasets import Preparation
from ..datasets.files.table import Table
from ..errors import DataError
from ..tasks import Arrays
from .predictions import Predictions, guarded_note
from .spreadsheet import as_text


@dataclass(frozen=True)
class TableRows:
    """The rows of a table."""

    table: Table
    unit: ClassVar[str] = "rows"

    def inputs(self, preprocessing: Preparation) -> Arrays:
        """The columns of the training data, encoded."""
        return {"x": preprocessing.rows(self.table)}

    def about(self) -> str:
        """How it is written."""
        return self.table.about("--")

    def place(self, row: int) -> str:
        """The line."""
        return f"line {self.table.rows.lines[row]}"

    def with_predictions(self, predictions: Predictions) -> bytes:
        """Every row as it was written, cells added at its end; decimals as the table's own.

        What is added is quoted where it holds a delimiter, a quote or a line's end, and never a
        formula (see `as_text`); the user's own cells stay byte by byte.

        Raises `DataError` where it has such a column already, or its encoding no such letter.
        """
        return with_columns(self.table, predictions)

    def note(self, predictions: Predictions) -> str:
        """That labels have an apostrophe before them, where some do."""
        return guarded_note(predictions)


def with_columns(table: Table, predictions: Predictions) -> bytes:
    """A table with cells added to each row, as `TableRows.with_predictions` does it."""
    _check_free(table, predictions.columns)
    point = "," if table.decimal_commas else "."
    more = _more(table, [as_text(name) for name in predictions.columns])
    lines = [] if table.header is None else [table.header.text + more]
    for row, text in enumerate(table.rows.texts()):
        lines.append(text + _more(table, predictions.cells(row, point)))
    return encoded(table, "".join(line + table.newline for line in lines))


def with_draws(table: Table, names: Sequence[str], values: np.ndarray) -> bytes:
    """A table whose rows come once for each draw, with its number, from 0, and cells of `values`.

    Args:
        table: of R rows.
        names: what the columns of values are called.
        values: numbers [draws, R, columns]; one that is not finite is an empty cell.

    Raises `DataError` where the table has such a column already.
    """
    columns = ("draw", *names)
    _check_free(table, columns)
    point = "," if table.decimal_commas else "."
    header = [] if table.header is None else [table.header.text + _more(table, columns)]
    lines = [
        text + _more(table, [str(draw), *(_number(each, point) for each in row)])
        for draw, rows in enumerate(values)
        for text, row in zip(table.rows.texts(), rows.tolist(), strict=True)
    ]
    return encoded(table, "".join(line + table.newline for line in [*header, *lines]))


def _number(value: float, point: str) -> str:
    return repr(value).replace(".", point) if math.isfinite(value) else ""


def _check_free(table: Table, columns: Sequence[str]) -> None:
    """Raise `DataError` where a table has one of the columns already."""
    taken = sorted(set(table.names) & set(columns)) if table.header else []
    if taken:
        raise DataError(f"{table.path} has a column {taken[0]!r} already: rename that one.")


def encoded(table: Table, text: str) -> bytes:
    """Text as the table's file is written. Raises `DataError` for a letter that it cannot hold."""
    try:
        return text.encode(table.encoding)
    except UnicodeEncodeError as error:
        raise DataError(
            f"{table.path} is {table.encoding}, which has no {text[error.start]!r} of a class "
            "or target name: save it as UTF-8."
        ) from None


def joined(table: Table, cells: Sequence[str]) -> str:
    """Cells with the table's delimiter between them, quoted where that is needed."""
    line = io.StringIO()
    # Until Python 3.13 a line's end is quoted only where it is one of the writer's own.
    end = "\r\n"
    csv.writer(line, delimiter=table.delimiter, lineterminator=end).writerow(cells)
    return line.getvalue().removesuffix(end)


def _more(table: Table, cells: Sequence[str]) -> str:
    """Cells behind a delimiter."""
    return joined(table, ["", *cells])
