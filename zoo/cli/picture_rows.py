"""A folder of pictures in, a table with a row for each out."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..datasets import Preparation
from ..datasets.images.pictures import pictures_in, read_pictures
from ..datasets.preparation import ImagePreparation
from ..errors import DataError
from ..tasks import Arrays
from .predictions import Predictions, guarded_note
from .spreadsheet import as_text

_MODES = {1: "grey", 3: "colour"}


@dataclass(frozen=True)
class PictureRows:
    """The pictures of a folder, in the order of their names."""

    folder: str
    paths: tuple[Path, ...]
    x: np.ndarray
    converted: str
    """How their values became those of the training rows, in words; "" where they are the same."""
    unit: ClassVar[str] = "rows"

    @classmethod
    def read(cls, folder: str, preparation: Preparation) -> "PictureRows":
        """The pictures, as bytes in the unit of the training rows.

        Raises `DataError` for a model of other data than images, a folder without pictures, and a
        picture of another size.
        """
        if not isinstance(preparation, ImagePreparation):
            raise DataError(
                f"{folder} is a folder, of pictures, and the model takes data of kind "
                f"{preparation.kind}: give a text file (csv), or .npz with an array x."
            )
        height, width, channels = preparation.in_shape
        if channels not in _MODES:
            raise DataError(
                f"{folder} holds pictures, and the model takes images of {channels} channels: "
                "expected 1 (grey) or 3 (colour). Give an .npz file with an array x."
            )
        paths = pictures_in(Path(folder))
        pixels = read_pictures(paths, "grey" if channels == 1 else "colour", (height, width))
        x, words = preparation.bytes_read(pixels)
        return cls(folder, tuple(paths), x, words)

    def inputs(self, preparation: Preparation) -> Arrays:
        """As the model wants them. Raises `DataError` for values of another range."""
        return {"x": preparation.array(self.folder, self.x)}

    def about(self) -> str:
        """How many there are, and how they were converted."""
        height, width = self.x.shape[1:3]
        found = f"{self.folder}: {len(self.paths)} pictures of {height}×{width}."
        return f"{found} {self.converted}".rstrip()

    def place(self, row: int) -> str:
        """The name of the file."""
        return self.paths[row].name

    def with_predictions(self, predictions: Predictions) -> bytes:
        """A table in UTF-8: the name of each file, and what is said of it."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["file", *map(as_text, predictions.columns)])
        for row, path in enumerate(self.paths):
            writer.writerow([as_text(path.name), *predictions.cells(row)])
        return text.getvalue().encode("utf-8", "surrogateescape")

    def note(self, predictions: Predictions) -> str:
        """That labels have an apostrophe before them, where some do."""
        return guarded_note(predictions)
