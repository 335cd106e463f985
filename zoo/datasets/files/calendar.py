"""Dates: in text, as ISO 8601 has them, and in whole numbers such as 19580329."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from ...errors import DataError

_FIRST, _LAST = 18000101, 21991231


def is_compact_date(values: np.ndarray) -> np.ndarray:
    """Which numbers [R] are days like 19580329, from 1800 to 2199."""
    with np.errstate(invalid="ignore"):
        fits = (values >= _FIRST) & (values <= _LAST) & (values == np.floor(values))
    whole = np.where(fits, values, _FIRST).astype(np.int64)
    month, day = whole // 100 % 100, whole % 100
    fits &= (month >= 1) & (month <= 12) & (day >= 1)
    made = compact_dates(np.where(fits, whole, _FIRST))
    # The 31st of April is the 1st of May: a day that is none has another month.
    return np.asarray(fits & (_month(made) == np.where(fits, month, 1)))


def compact_dates(values: np.ndarray) -> np.ndarray:
    """Days like 19580329 [R] as datetime64."""
    whole = values.astype(np.int64)
    months = (whole // 10000 - 1970) * 12 + whole // 100 % 100 - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(first + (whole % 100 - 1).astype("timedelta64[D]"))


def dates_of_text(cells: Sequence[str], place: Callable[[int], str]) -> np.ndarray:
    """Cells [R] of ISO 8601 as datetime64; those with a zone in UTC.

    Raises `DataError` for another cell, which `place` says where it is, and where some cells have a
    zone and others have none.
    """
    if not _have_zones(cells) and all("-" in cell for cell in cells):
        try:
            return np.array(cells, "datetime64")
        except ValueError:
            pass  # one by one, to know which it is
    found = [_one(cell, row, place) for row, cell in enumerate(cells)]
    zones = [each.tzinfo is not None for each in found]
    if any(zones) and not all(zones):
        row, other = zones.index(True), zones.index(False)
        raise DataError(
            f"{place(row)}: the time {cells[row]!r} has a zone, and {cells[other]!r} "
            f"({place(other)}) has none: expected a zone in each or in none."
        )
    plain = [each.astimezone(UTC).replace(tzinfo=None) if each.tzinfo else each for each in found]
    return np.array(plain, "datetime64[us]")


def _one(cell: str, row: int, place: Callable[[int], str]) -> datetime:
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        raise DataError(
            f"{place(row)}: the time is {cell!r}: expected a number, or a date as ISO 8601 has it, "
            "such as 2001-03-29 or 2001-03-29T14:30:00. Write it so, or delete the row."
        ) from None


def _have_zones(cells: Sequence[str]) -> bool:
    """Whether one of the cells may have a zone: Z, +01:00 or -05:00."""
    joined = "\n".join(cells)
    return "Z" in joined or "+" in joined or joined.count("-") > 2 * len(cells)


def _month(days: np.ndarray) -> np.ndarray:
    """The month of days, from 1 to 12."""
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)
