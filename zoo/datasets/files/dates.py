"""Cells that are dates, of which a model sees neither order nor distance, or wrong ones."""

from collections.abc import Iterable
from datetime import date, datetime

import numpy as np

from .cells import PLACEHOLDERS


def look_like_dates(cells: Iterable[str]) -> bool:
    """Whether all cells that hold something are days, or days and times, as ISO 8601 has them."""
    found = {cell for cell in cells if cell not in PLACEHOLDERS}
    # Digits alone are no words, and a week, 2020-W07, is as good a name of one as of a day.
    return bool(found) and all("-" in cell and _is_iso(cell) for cell in found)


def are_compact_dates(values: np.ndarray) -> bool:
    """Whether all numbers [N] that are there are days like 19580329, from 1800 to 2199."""
    known = values[~np.isnan(values)]
    if not len(known) or known.min() < 18000101 or known.max() > 21991231:
        return False
    if (known != np.floor(known)).any():
        return False
    return all(map(_is_compact, np.unique(known).astype(int).tolist()))


def _is_iso(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _is_compact(value: int) -> bool:
    try:
        date(value // 10000, value // 100 % 100, value % 100)
    except ValueError:
        return False
    return True
