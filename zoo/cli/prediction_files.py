"""New rows from a user's file, and the same rows with predictions to another."""

import os
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..checkpoint import replaceable
from ..datasets import Preparation
from ..datasets.files.npz_members import read_arrays
from ..datasets.files.table import Delimiter, Header, read_table
from ..errors import ConfigError, DataError, OutputError
from ..tasks import Arrays
from .array_rows import ArrayRows
from .picture_rows import PictureRows
from .predictions import Predictions
from .series_rows import SeriesArrays, SeriesRows
from .table_rows import TableRows

_ELSEWHERE = ("args", "t", "mask")


@runtime_checkable
class Rows(Protocol):
    """Rows that were read: the model's inputs of them, and a file with predictions added."""

    @property
    def unit(self) -> str:
        """What one prediction is of, in the plural."""

    def inputs(self, preprocessing: Preparation) -> Arrays:
        """As the model wants them, by name: at least `x` [N, ..., features]."""

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
    check_writable(path, overwrite)


def check_writable(path: Path, overwrite: bool) -> None:
    """Raise `OutputError` where a file cannot be written; writes nothing. See `check_output`."""
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

    For a model of series they are long rows, or the arrays of series. Raises `DataError`.
    """
    if Path(path).is_dir():
        return PictureRows.read(path, preprocessing)
    if path.lower().endswith(".npz"):
        series = preprocessing.new_arrays(path)
        if series is not None:
            return SeriesArrays(path, series)
        arrays = read_arrays(path, ("x", *_ELSEWHERE))
        if set(arrays) != {"x"}:
            got = ", ".join(sorted(arrays)) or "none of x"
            raise DataError(f"{path} holds {got}: expected the inputs x, which alone are taken.")
        return ArrayRows(path, arrays["x"])
    names = preprocessing.column_names
    table = read_table(path, header=header, delimiter=delimiter, encoding=encoding, names=names)
    new = preprocessing.new_series(table)
    return TableRows(table) if new is None else SeriesRows(table, new)
