"""A new long table for a trained model: what is known of its series, and what is wanted."""

from dataclasses import dataclass

import numpy as np

from ...errors import DataError
from .long_rows import lay_out, of_series, plain_id
from .series_columns import SeriesColumns
from .table import Table


@dataclass(frozen=True)
class NewSeries:
    """Series of a table, in the order in which they first appear in it.

        new = preparation.new_series(read_table("new.csv"))
        outputs = model.forward(model.inputs(preparation.prepared(new.arrays)))[0]
        outputs[new.series, new.places]     # of each row of the table, [R, ...]

    `arrays` are in the user's units: `t` [N, T], `x` and `mask` [N, T, D], perhaps `static` and
    `inputs`.
    """

    arrays: dict[str, np.ndarray]
    ids: tuple[str, ...]
    """Of the series, [N]; () where the table has no column of ids."""
    id_name: str | None
    """What the column of ids is called; None without."""
    series: np.ndarray
    """Which series each row of the table is of, [R]."""
    places: np.ndarray
    """At which place of it, in order of time, [R]."""
    wanted: np.ndarray
    """Whether a row holds no value, so that its time is one to be predicted, [R]."""


def read_new_series(columns: SeriesColumns, table: Table) -> NewSeries:
    """The series of a new table, by the columns that the model was trained on.

    Raises `DataError` for what `SeriesColumns.read`, `lay_out` and `Layout.arrays` refuse, and for
    a series without any value.
    """
    long = columns.read(table)
    layout = lay_out(long, by_appearance=True)
    arrays = layout.arrays(long)
    empty = ~arrays["mask"].any(axis=(1, 2))
    if empty.any():
        at = int(np.argmax(empty))
        raise DataError(
            f"{table.path}: {of_series(layout.ids, at)} holds no value at any time, from which "
            "others could be told: expected one or more. Fill them in, or leave the series out."
        )
    series, places = (np.empty(len(table), np.int64) for _ in range(2))
    found = np.nonzero(layout.real)
    series[layout.rows[found]], places[layout.rows[found]] = found
    return NewSeries(
        arrays,
        () if columns.id is None else tuple(plain_id(each) for each in layout.ids.tolist()),
        columns.id,
        series,
        places,
        np.isnan(long.values).all(axis=1),
    )
