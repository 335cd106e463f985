"""Draws from a density as a file: a table, an array, or a picture."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..checkpoint import write_atomically
from ..datasets import Preparation
from ..errors import ConfigError, DataError


@runtime_checkable
class DrawnFile(Protocol):
    """A kind of file that holds draws."""

    def check(self, path: Path, shape: tuple[int, ...], preprocessing: Preparation) -> None:
        """Raise `ZooError` for draws of a shape that it cannot hold; before any is drawn."""

    def write(self, path: Path, x: np.ndarray, preprocessing: Preparation) -> None:
        """Write draws [n, ...], in the user's units. Raises `OutputError`."""


class DrawnTable:
    """A text file with a row for each draw, under the names by which `predict` reads them."""

    def check(self, path: Path, shape: tuple[int, ...], preprocessing: Preparation) -> None:
        """Raise `DataError` for what is no row of a table."""
        _columns(path, preprocessing)

    def write(self, path: Path, x: np.ndarray, preprocessing: Preparation) -> None:
        """Numbers that read back to the same bits; a draw that failed is a row of empty cells."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_columns(path, preprocessing))
        for row in x.tolist():
            writer.writerow([repr(value) if np.isfinite(value) else "" for value in row])
        write_atomically(path, text.getvalue().encode())


class DrawnArray:
    """An .npz file with the array x."""

    def check(self, path: Path, shape: tuple[int, ...], preprocessing: Preparation) -> None:
        """Every shape is taken."""

    def write(self, path: Path, x: np.ndarray, preprocessing: Preparation) -> None:
        """The draws as `predict` takes them."""
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, x=x)
        write_atomically(path, buffer.getvalue())


class DrawnPicture:
    """A picture: images in a square, or the points of a plane."""

    def check(self, path: Path, shape: tuple[int, ...], preprocessing: Preparation) -> None:
        """Raise `ConfigError` for what is neither."""
        from ..plots.draws import check_drawable  # matplotlib takes a second to import

        check_drawable(shape)

    def write(self, path: Path, x: np.ndarray, preprocessing: Preparation) -> None:
        """A figure in the zoo's style."""
        from ..plots import save_figure
        from ..plots.draws import draws_figure

        names = preprocessing.input_columns(str(path)) or ()
        save_figure(draws_figure(x, names), path)


DRAWN_FILES: Mapping[str, DrawnFile] = {
    ".csv": DrawnTable(),
    ".npz": DrawnArray(),
    ".png": DrawnPicture(),
}
"""By the ends of their names."""


def _columns(path: Path, preprocessing: Preparation) -> tuple[str, ...]:
    """The names of the columns. Raises `DataError` where inputs are no rows of a table."""
    columns = preprocessing.input_columns(str(path))
    if columns is None:
        raise DataError(
            f"{path} would be a table, and the model is of data of kind {preprocessing.kind}: name "
            "an .npz file, which holds an array x, or a .png of images."
        )
    return columns


def drawn_file(path: Path) -> DrawnFile:
    """The kind of file that a name asks for. Raises `ConfigError` for one that there is not."""
    kind = DRAWN_FILES.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(
            f"--output {path}: expected a file whose name ends in {', '.join(DRAWN_FILES)}."
        )
    return kind
