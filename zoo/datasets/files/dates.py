"""Cells that are dates, of which a model sees neither order nor distance, or wrong ones."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from .calendar import is_compact_date
from .cells import PLACEHOLDERS


def look_like_dates(cells: Iterable[str]) -> bool:
    """Whether all cells that hold something are days, or days and times, as ISO 8601 has them."""
    found = {cell for cell in cells if cell not in PLACEHOLDERS}
    # Digits alone are no words, and a week, 2020-W07, is as good a name of one as of a day.
    return bool(found) and all("-" in cell and _is_iso(cell) for cell in found)


def are_compact_dates(values: np.ndarray) -> bool:
    """Whether all numbers [N] that are there are days like 19580329, from 1800 to 2199."""
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool(is_compact_date(known).all())


def _is_iso(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True
