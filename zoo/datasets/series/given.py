"""Columns as a user gives them in Python, as arrays of one entry a row."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ...errors import DataError
from ..files.long_rows import LongRows, plain_id

Column: TypeAlias = np.ndarray | Sequence[object]
"""One entry for each row: an array, a list, or a column of a data frame."""


def row_place(row: int) -> str:
    """A row by its number, from 0."""
    return f"row {row}"


def times_of(given: Column) -> np.ndarray:
    """Times [R] as they are. Raises `DataError` for an array of more axes, and without rows."""
    times = np.asarray(given)
    if times.ndim != 1 or not len(times):
        raise DataError(
            f"times has shape {times.shape}: expected one for each row, of one axis, and a row or "
            "more. Arrays of padded series are for zoo.datasets.series_data."
        )
    return times


def ids_of(given: Column) -> np.ndarray:
    """Ids [R] as numbers or text. Raises `DataError` for one that is missing."""
    ids = np.asarray(given)
    if ids.ndim != 1:
        raise DataError(f"ids has shape {ids.shape}: expected one for each row, of one axis.")
    missing = np.zeros(len(ids), bool)
    if ids.dtype.kind == "O":
        missing = np.array([each is None or each != each for each in ids], bool)
    elif ids.dtype.kind == "f":
        missing = np.isnan(ids)
    if missing.any():
        raise DataError(
            f"{row_place(int(np.argmax(missing)))}: the id is missing: expected one in each row, "
            "text or a number. Delete the row, or give ids=None where all are of one series."
        )
    return ids if ids.dtype.kind in "biuf" else ids.astype(str)


def numbers_of(name: str, given: Column) -> np.ndarray:
    """Numbers [R, columns], NaN where one is None. Raises `DataError` for what is no number."""
    values = np.asarray(given)
    try:
        values = values.astype(np.float64)
    except (TypeError, ValueError):
        row, cell = next(each for each in enumerate(values.tolist()) if not _is_number(each[1]))
        raise DataError(
            f"{row_place(row)}: {name} hold {cell!r}: expected numbers, one or several for each "
            "row. Give words as numbers, such as 0 and 1 for each."
        ) from None
    return values[:, None] if values.ndim == 1 else values


def _is_number(cell: object) -> bool:
    try:
        np.asarray(cell).astype(np.float64)
    except (TypeError, ValueError):
        return False
    return True


def by_row(name: str, given: Column | Mapping[object, object], ids: np.ndarray) -> np.ndarray:
    """What each row [R] has, where something is given by row or by id.

    Raises `DataError` for an id of which nothing is given.
    """
    if not isinstance(given, Mapping):
        return np.asarray(given)
    known = {plain_id(key): value for key, value in given.items()}
    names = [plain_id(each) for each in ids.tolist()]
    for row, each in enumerate(names):
        if each not in known:
            raise DataError(
                f"{name} hold nothing for series {each}, of {row_place(row)}: expected an entry "
                "for each id."
            )
    return np.array([known[each] for each in names])


def labels_of(given: np.ndarray) -> np.ndarray:
    """Labels [R] as numbers or text. Raises `DataError` for those of more axes."""
    if given.ndim != 1:
        raise DataError(
            f"labels has shape {given.shape}: expected one for each row, of one axis. Several "
            "targets are several data sets."
        )
    if given.dtype.kind in "biufU":
        return given
    try:
        return given.astype(np.float64)
    except (TypeError, ValueError):
        return np.array(["" if each is None else str(each) for each in given])


def check_lengths(long: LongRows, labels: np.ndarray | None) -> None:
    """Raise `DataError` where what is given by row is of another number of rows than the times."""
    given = {
        "ids": long.ids,
        "values": long.values,
        "inputs": long.inputs,
        "static": long.static,
        "labels": labels,
    }
    for name, values in given.items():
        if values is None:
            continue
        axes = 1 if name in ("ids", "labels") else 2
        if values.ndim != axes or len(values) != len(long.times):
            raise DataError(
                f"{name} has shape {values.shape} and there are {len(long.times)} times: expected "
                "an entry for each row, and of several columns as many for each."
            )
