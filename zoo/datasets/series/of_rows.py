"""A data set of series from long rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import DataError
from ...tasks import Target
from ..files.inference import SERVED, TaskChoice, check_untold, infer_target
from ..files.long_rows import Layout, LongRows, constant_in_series, lay_out, plain_id
from ..raw import RawData
from .build import series_data
from .options import SeriesOptions


@dataclass(frozen=True)
class Labels:
    """What is to be predicted of each series, and what it is called."""

    values: np.ndarray
    """Of each row, [R]: the same in all rows of a series."""
    name: str = "label"


def rows_data(
    long: LongRows,
    asked: SeriesOptions,
    *,
    channel_names: Sequence[str] = (),
    labels: Labels | None = None,
    task: TaskChoice = "auto",
    notes: Sequence[str] = (),
) -> RawData:
    """The data set of long rows. A row without any value is left out, where no input needs it.

    Args:
        long: the rows.
        asked: what is dropped, hidden, and how the series are split.
        channel_names: of the values.
        labels: of the series.
        task: whether labels are classes or amounts.
        notes: what the user should know of the rows.

    Raises `DataError` for rows that make no series, and what `series_data` does.
    """
    _check_rows(long)
    wanted = np.isnan(long.values).all(axis=1)
    if wanted.all():
        raise DataError("No row holds a value: expected numbers in the columns of values.")
    if wanted.any() and long.inputs is None:
        rows = np.flatnonzero(~wanted)
        long = long.kept(rows)
        labels = labels if labels is None else replace(labels, values=labels.values[rows])
        notes = [*notes, f"{wanted.sum():,} rows hold no value and are left out."]
    layout = lay_out(long)
    arrays = layout.arrays(long)
    tasks: tuple[str, ...] = ("trajectory",)
    target_names: tuple[str, ...] = ()
    if labels is None:
        check_untold(task)
    else:
        y, held, about = _targets(labels, layout, long, task)
        arrays["y"], notes = y, [*notes, f"Target {about}"]
        tasks = tuple(each for each in SERVED[held] if each != "density")
        target_names = (labels.name,) if held is Target.NUMBERS else ()
    return series_data(
        arrays,
        tasks,
        **vars(asked),
        channel_names=channel_names,
        target_names=target_names,
        notes=[*_about(layout), *notes],
        ids=None if len(layout.ids) == 1 else [plain_id(each) for each in layout.ids],
    )


def _about(layout: Layout) -> list[str]:
    low, high = layout.lengths.min(), layout.lengths.max()
    long = f"{low:,} times" if low == high else f"{low:,} to {high:,} times"
    return [f"{len(layout.ids):,} series of {long}."]


def _check_rows(long: LongRows) -> None:
    """Raise `DataError` for infinite values, and for inputs that are not finite."""
    for name, values, bad in (
        ("a value", long.values, np.isinf(long.values)),
        ("an input", long.inputs, None),
        ("a static number", long.static, None),
    ):
        if values is None:
            continue
        wrong = ~np.isfinite(values) if bad is None else bad
        if wrong.any():
            row, column = (int(i) for i in np.argwhere(wrong)[0])
            raise DataError(
                f"{long.place(row)}: {name}, of column {column}, is {values[row, column]}: "
                "expected finite numbers. Values alone may be missing."
            )


def _targets(
    labels: Labels, layout: Layout, long: LongRows, task: TaskChoice
) -> tuple[np.ndarray, Target, str]:
    """The label of each series, what labels hold, and words on it."""
    y = constant_in_series(labels.values, layout, labels.name, long.place)
    missing = np.isnan(y) if y.dtype.kind == "f" else np.array([not str(each) for each in y])
    if missing.any():
        row = int(layout.rows[int(np.argmax(missing)), 0])
        raise DataError(
            f"{long.place(row)}: the {labels.name} is missing: expected one for each series. "
            "Delete the series, or fill it in."
        )
    if y.dtype.kind == "f" and (y == np.round(y)).all():
        y = y.astype(np.int64)
    held, about = infer_target(y, labels.name, task)
    return y.astype(np.float64) if held is Target.NUMBERS else y, held, about
