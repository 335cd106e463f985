"""A data set of series from long rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import ConfigError, DataError
from ...tasks import Target, task_named
from ..files.inference import AUTO, SERVED, TaskChoice, infer_target
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
    long, labels, left_out = _with_values(long, labels)
    layout = lay_out(long)
    served = (
        _Served(without_labels(task)) if labels is None else _served(labels, layout, long, task)
    )
    return series_data(
        {**layout.arrays(long), **served.arrays},
        served.tasks,
        **vars(asked),
        channel_names=channel_names,
        target_names=served.target_names,
        notes=[*_about(layout), *notes, *left_out, *served.notes],
        ids=None if len(layout.ids) == 1 else [plain_id(each) for each in layout.ids],
    )


@dataclass(frozen=True)
class _Served:
    """What series serve by their labels."""

    tasks: tuple[str, ...]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    target_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _with_values(
    long: LongRows, labels: Labels | None
) -> tuple[LongRows, Labels | None, list[str]]:
    """The rows that hold a value, or all where there are inputs, their labels, and words on it."""
    empty = np.isnan(long.values).all(axis=1)
    if empty.all():
        raise DataError("No row holds a value: expected numbers in the columns of values.")
    if not empty.any() or long.inputs is not None:
        return long, labels, []
    rows = np.flatnonzero(~empty)
    kept = labels if labels is None else replace(labels, values=labels.values[rows])
    return long.kept(rows), kept, [f"{empty.sum():,} rows hold no value and are left out."]


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


def without_labels(task: TaskChoice) -> tuple[str, ...]:
    """The tasks of series without labels. Raises `ConfigError` for a task that looks at them."""
    if task != AUTO:
        raise ConfigError(
            f"task = {task!r} and the series have no labels: expected some, which it predicts. "
            "Say which they are, or leave task out."
        )
    return ("trajectory",)


def with_labels(held: Target) -> tuple[str, ...]:
    """The tasks of series with labels, by what these hold."""
    return tuple(each for each in SERVED[held] if "series" in task_named(each).kinds)


def _served(labels: Labels, layout: Layout, long: LongRows, task: TaskChoice) -> _Served:
    """What the label of each series serves."""
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
    numbers = held is Target.NUMBERS
    return _Served(
        with_labels(held),
        {"y": y.astype(np.float64) if numbers else y},
        (labels.name,) if numbers else (),
        (f"Target {about}",),
    )
