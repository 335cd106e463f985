"""Times as a user writes them, as numbers: amounts as they are, dates as days since the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ...errors import DataError
from .calendar import compact_dates, dates_of_text, is_compact_date
from .cells import EXACT, number

Dates: TypeAlias = Literal["auto", "yes", "no"]
Place: TypeAlias = Callable[[int], str]
"""Where a row is, in words, such as `f.csv, line 7`."""
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Clock:
    """How times are written, and from when on they count where they are dates.

    `start` is the date, as ISO 8601 has it, whose number is 0; None for times that are numbers.
    Dates become days, float64, of whichever resolution they are: what is subtracted first are whole
    numbers of it.
    """

    start: str | None = None

    @classmethod
    def of(cls, read: np.ndarray) -> "Clock":
        """The clock of the times of a data set, as `read_times` returns them."""
        return cls(None if read.dtype.kind != "M" else str(read.min()))

    def numbers(self, times: np.ndarray, place: Place) -> np.ndarray:
        """Times [R] as numbers: days since the start, or whole numbers and float64 as they are.

        Raises what `read_times` does, and `DataError` for numbers where dates are expected.
        """
        read = read_times(times, "no" if self.start is None else "yes", place)
        if self.start is None:
            return read
        return np.asarray((read - np.datetime64(self.start)) / DAY)

    def to_json(self) -> dict[str, Any]:
        """JSON values, from which `from_json` makes the same again."""
        return {"start": self.start}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Clock":
        """What `to_json` wrote."""
        return cls(values["start"])


def read_times(times: np.ndarray, dates: Dates, place: Place) -> np.ndarray:
    """Times [R] as datetime64, or as numbers: whole ones as int64, others float64.

    Args:
        times: numbers, datetime64, objects of the module datetime, or text: numbers or ISO 8601.
        dates: whether whole numbers such as 19580329 are dates; `auto` takes them so where all of
            them can be one. Text and datetime64 that are dates are refused by `no`.
        place: what a row is called in an error.

    Raises `DataError` for a time that is missing, not finite or of no known form.
    """
    if times.dtype.kind in "OUT":
        times = _of_text(times, place)
    if times.dtype.kind == "M":
        _refuse(np.isnat(times), times, place, "expected a time in each row. Delete the row")
        if dates == "no":
            raise DataError(
                f"{place(0)}: the time is {times[0]}, a date: expected numbers, as dates = 'no' or "
                "the training data say. Give numbers, or leave the option out."
            )
        return times
    if times.dtype.kind not in "iuf":
        raise DataError(
            f"The times are {times.dtype}: expected numbers, dates (datetime64) or text of ISO "
            "8601, such as 2001-03-29."
        )
    _refuse(~np.isfinite(times), times, place, "expected a finite time. Delete the row")
    if dates == "yes" or (dates == "auto" and is_compact_date(times).all()):
        wrong = ~is_compact_date(times)
        expected = "expected a date such as 19580329, as dates = 'yes' or the training data say"
        _refuse(wrong, times, place, f"{expected}. Give dates, or leave the option out")
        return compact_dates(times)
    return times.astype(np.int64 if _are_whole(times) else np.float64)


def clock_notes(name: str, times: np.ndarray, clock: Clock, dates: Dates, way: str) -> list[str]:
    """Words on what was guessed of times [R] that are numbers or dates, and how to say otherwise.

    Args:
        name: what the times are called.
        times: as the user gave them.
        clock: what was made of them.
        dates: what the user told.
        way: how the option `dates` is given, such as `--dataset.dates`.
    """
    if clock.start is not None:
        words = f"{name}: dates; times, horizon and season are in days, day 0 is {clock.start}."
        if times.dtype.kind in "iuf" and dates == "auto":
            words += f" {_short(times[0])} is taken as a date; if it is a number, say {way} no."
        return [words]
    if times.dtype.kind not in "iuf" or dates == "no":
        return []
    as_dates = is_compact_date(times)
    if as_dates.any():
        other = _short(times[np.argmin(as_dates)])
        return [
            f"{name}: {_short(times[np.argmax(as_dates)])} may be a date and {other} is none, so "
            "that all are taken as numbers."
        ]
    if is_compact_date(times * 100 + 1).all():
        return [
            f"{name}: {_short(times[0])} may be a year and a month and is taken as a number, with "
            "gaps between the years. If it is a month, write it as 1958-03."
        ]
    return []


def _are_whole(times: np.ndarray) -> bool:
    """Whether times are of a type of whole numbers that int64 holds."""
    return times.dtype.kind in "iu" and int(times.max(initial=0)) < 2**63


def _of_text(times: np.ndarray, place: Place) -> np.ndarray:
    """Times that are text or objects, as numbers or datetime64."""
    if times.dtype.kind == "O" and not any(isinstance(each, str) for each in times):
        plain = [each for each in times if each is not None]
        if all(isinstance(each, int | float) for each in plain) and len(plain) == len(times):
            return np.array(times.tolist())
        times = np.array(["" if each is None else str(each) for each in times])
    cells = list(map(str.strip, times.astype(str).tolist()))
    if all(cell[4:5] == "-" for cell in cells):
        return dates_of_text(cells, place)
    known = [number(cell) for cell in cells]
    odd = known.count(None)
    if odd > len(cells) // 2:
        return dates_of_text(cells, place)
    if odd:
        row = known.index(None)
        raise DataError(
            f"{place(row)}: the time is {cells[row]!r}, among numbers: expected a number, or a "
            "date in each row. Correct it, or delete the row."
        )
    numbers = np.array(known, np.float64)
    if (np.abs(numbers) >= EXACT).any() and all(cell.lstrip("+-").isdigit() for cell in cells):
        return np.array([int(cell) for cell in cells], np.int64)
    return numbers


def _refuse(wrong: np.ndarray, times: np.ndarray, place: Place, expected: str) -> None:
    """Raise `DataError` for the first time that is wrong."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"{place(row)}: the time is {_short(times[row])}: {expected}.")


def _short(time: np.generic) -> str:
    """A time without the .0 of a whole number."""
    value = time.item()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
