"""Series in, as long rows or as arrays, and what a model says of each of their times out."""

import dataclasses
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..datasets import Preparation
from ..datasets.files.new_series import NewSeries
from ..datasets.files.table import Table
from ..tasks import Arrays
from .array_rows import as_arrays
from .predictions import Predictions, guarded_note
from .spreadsheet import as_text
from .table_rows import encoded, joined, with_columns, with_draws


@dataclass(frozen=True)
class SeriesRows:
    """The series of a long table, one row a time; a row without values is a time that is wanted."""

    table: Table
    new: NewSeries
    unit: ClassVar[str] = "series"

    def inputs(self, preprocessing: Preparation) -> Arrays:
        """The series as the model takes them. Raises what `Preparation.prepared` does."""
        return preprocessing.prepared(self.new.arrays)

    def about(self) -> str:
        """How the table is written, and how many series and times wanted it has."""
        count, wanted = len(self.new.arrays["x"]), int(self.new.wanted.sum())
        return f"{self.table.about('--')} {count:,} series; {wanted:,} rows without values."

    def place(self, row: int) -> str:
        """The series, by its id."""
        return f"series {self.new.ids[row]}" if self.new.ids else "the series"

    def with_predictions(self, predictions: Predictions) -> bytes:
        """Of paths every row as it was written, with cells at its end; of labels a row a series.

        Raises `DataError` where the table has such a column already, or its encoding no such
        letter.
        """
        if predictions.values.ndim == 3:
            return with_columns(self.table, self.of_rows(predictions))
        return self._a_row_a_series(predictions)

    def of_rows(self, predictions: Predictions) -> Predictions:
        """What is said of each row of the table, of what is said of the times of series."""
        values = predictions.values[self.new.series, self.new.places]
        return dataclasses.replace(predictions, values=values, ok=predictions.ok[self.new.series])

    def with_draws(self, paths: np.ndarray, names: Sequence[str]) -> bytes:
        """Every row as it was written, once for each draw, with the values drawn at its end.

        Args:
            paths: [draws, N, T, D], in the user's units.
            names: of the channels; () where they have none.

        Raises `DataError` where the table has such a column already.
        """
        values = paths[:, self.new.series, self.new.places]
        return with_draws(self.table, drawn_names(names, paths.shape[-1]), values)

    def _a_row_a_series(self, predictions: Predictions) -> bytes:
        """The id of each series, in the order of their first rows, and what is said of it."""
        table, ids = self.table, self.new.ids
        point = "," if table.decimal_commas else "."
        first = [self.new.id_name] if self.new.id_name is not None else []
        lines = [joined(table, [as_text(name) for name in (*first, *predictions.columns)])]
        for row in range(len(predictions.ok)):
            own = [as_text(ids[row])] if ids else []
            lines.append(joined(table, [*own, *predictions.cells(row, point)]))
        return encoded(table, "".join(line + table.newline for line in lines))

    def note(self, predictions: Predictions) -> str:
        """That labels have an apostrophe before them, where some do."""
        return guarded_note(predictions)


@dataclass(frozen=True)
class SeriesArrays:
    """Series in an .npz file: x, and t, mask, static and inputs where there are some."""

    path: str
    arrays: Mapping[str, np.ndarray]
    unit: ClassVar[str] = "series"

    def inputs(self, preprocessing: Preparation) -> Arrays:
        """The series as the model takes them. Raises what `Preparation.prepared` does."""
        return preprocessing.prepared(self.arrays)

    def about(self) -> str:
        """Their shape."""
        return f"{self.path}: x {self.arrays['x'].shape}."

    def place(self, row: int) -> str:
        """The series, from 0."""
        return f"series {row}"

    def with_predictions(self, predictions: Predictions) -> bytes:
        """As `ArrayRows.with_predictions`; of paths `prediction` [N, T, columns], and what its
        `columns` are called."""
        return as_arrays(predictions)

    def with_draws(self, paths: np.ndarray, names: Sequence[str]) -> bytes:
        """An .npz file of `sample` [draws, N, T, D], in the user's units, and its `columns`."""
        buffer = io.BytesIO()
        columns = np.array(drawn_names(names, paths.shape[-1]))
        np.savez(buffer, allow_pickle=False, sample=paths, columns=columns)
        return buffer.getvalue()

    def note(self, predictions: Predictions) -> str:
        """Nothing."""
        return ""


def drawn_names(names: Sequence[str], channels: int) -> tuple[str, ...]:
    """What columns of draws are called: `sample`, or `sample_NAME` of several channels."""
    if channels == 1:
        return ("sample",)
    return tuple(f"sample_{name}" for name in names or map(str, range(channels)))
