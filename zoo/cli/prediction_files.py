"""New rows from a user's file, and the same rows with predictions to another."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..checkpoint import replaceable
from ..datasets import Preparation
from ..datasets.files.npz_members import read_arrays
from ..datasets.files.table import Delimiter, Header, Table, read_table
from ..errors import ConfigError, DataError, OutputError
from .picture_rows import PictureRows
from .predictions import Predictions, guarded_note
from .spreadsheet import as_text

_ELSEWHERE = ("args", "t", "mask")


@runtime_checkable
class Rows(Protocol):
    """Rows that were read: the model's inputs of them, and a file with predictions added."""

    def inputs(self, preprocessing: Preparation) -> np.ndarray:
        """As the model wants them, float32 [N, ..., features]."""

    def about(self) -> str:
        """What was found of the file."""

    def place(self, row: int) -> str:
        """Where a row stands, in words."""

    def with_predictions(self, predictions: Predictions) -> bytes:
        """The content of the file that is to be written."""

    def note(self, predictions: Predictions) -> str:
        """What a reader of that file should know; nothing where it is all plain."""


def check_output(path: Path, source: Path, overwrite: bool) -> None:
    """Raise where predictions cannot be written; writes nothing.

    `OutputError` for a file that is there without `overwrite`, for what is no file, such as a pipe
    or a device, and for a place without permission; `ConfigError` for another kind of file than the
    input's.
    """
    if (source.suffix.lower() == ".npz") != (path.suffix.lower() == ".npz"):
        raise ConfigError(
            f"--input {source} and --output {path}: expected both as .npz or both as text (.csv)."
        )
    target = replaceable(path)
    if target.exists() and not overwrite:
        raise OutputError(f"{path} exists: choose another --output, or add --overwrite.")
    parent = next(p for p in target.parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise OutputError(f"{path} cannot be written: {parent} is no folder that may be written.")


def read_rows(
    path: str,
    preprocessing: Preparation,
    *,
    header: Header = "auto",
    delimiter: Delimiter = "auto",
    encoding: str = "utf-8",
) -> Rows:
    """The rows of a text file, of the array x of an .npz file, or of a folder of pictures.

    Raises `DataError`.
    """
    if Path(path).is_dir():
        return PictureRows.read(path, preprocessing)
    if path.lower().endswith(".npz"):
        arrays = read_arrays(path, ("x", *_ELSEWHERE))
        if set(arrays) != {"x"}:
            got = ", ".join(sorted(arrays)) or "none of x"
            raise DataError(f"{path} holds {got}: expected the inputs x, which alone are taken.")
        return ArrayRows(path, arrays["x"])
    names = preprocessing.column_names
    table = read_table(path, header=header, delimiter=delimiter, encoding=encoding, names=names)
    return TableRows(table)


@dataclass(frozen=True)
class TableRows:
    """The rows of a table."""

    table: Table

    def inputs(self, preprocessing: Preparation) -> np.ndarray:
        """The columns of the training data, encoded."""
        return preprocessing.rows(self.table)

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
        table = self.table
        taken = sorted(set(table.names) & set(predictions.columns)) if table.header else []
        if taken:
            raise DataError(f"{table.path} has a column {taken[0]!r} already: rename that one.")
        point = "," if table.decimal_commas else "."
        more = self._more([as_text(name) for name in predictions.columns])
        lines = [] if table.header is None else [table.header.text + more]
        for row, text in enumerate(table.rows.texts()):
            lines.append(text + self._more(predictions.cells(row, point)))
        text = "".join(line + table.newline for line in lines)
        try:
            return text.encode(table.encoding)
        except UnicodeEncodeError as error:
            raise DataError(
                f"{table.path} is {table.encoding}, which has no {text[error.start]!r} of a class "
                "or target name: save it as UTF-8."
            ) from None

    def note(self, predictions: Predictions) -> str:
        """That labels have an apostrophe before them, where some do."""
        return guarded_note(predictions)

    def _more(self, cells: Sequence[str]) -> str:
        """Cells behind a delimiter, quoted where that is needed."""
        line = io.StringIO()
        # Until Python 3.13 a line's end is quoted only where it is one of the writer's own.
        end = "\r\n"
        writer = csv.writer(line, delimiter=self.table.delimiter, lineterminator=end)
        writer.writerow(["", *cells])
        return line.getvalue().removesuffix(end)


@dataclass(frozen=True)
class ArrayRows:
    """The rows of an array."""

    path: str
    x: np.ndarray

    def inputs(self, preprocessing: Preparation) -> np.ndarray:
        """The array standardised. Raises `DataError` for one that is not the model's."""
        return preprocessing.array(self.path, self.x)

    def about(self) -> str:
        """Its shape."""
        return f"{self.path}: x {self.x.shape}."

    def place(self, row: int) -> str:
        """The row, from 0."""
        return f"row {row}"

    def with_predictions(self, predictions: Predictions) -> bytes:
        """The values ([N], or [N, columns] of several) as the array `prediction`, or what the task
        calls them, and of classes `probability` [N, classes] and `classes`. A row without a
        prediction is NaN, or empty text."""
        values = predictions.values
        if predictions.probability is None:
            values = values[:, 0] if values.shape[1:] == (1,) else values
        elif not predictions.ok.all():
            values = values if values.dtype.kind == "U" else values.astype(np.float64)
            values = np.where(predictions.ok, values, "" if values.dtype.kind == "U" else np.nan)
        arrays = {predictions.array: values}
        if predictions.probability is not None:
            arrays["probability"] = predictions.probability
            arrays["classes"] = np.array(predictions.classes)
        buffer = io.BytesIO()  # no spreadsheet reads it: labels stay as they are
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    def note(self, predictions: Predictions) -> str:
        """Nothing."""
        return ""
