"""Times shifted to begin at 0 and scaled to last 1, before they lose any digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataError

_LOST = 0.01  # the share of times that may fall on their neighbours: random ones sometimes do


@dataclass(frozen=True)
class TimeScale:
    """t ↦ (t - start) / length in float64, of the observed times of the training rows.

    Seconds since 1970 have ten digits, of which float32 keeps seven: they are shifted first. Whole
    numbers are shifted as whole numbers, since float64 does not hold all nanoseconds either.
    """

    start: int | float
    length: float
    """1 where all times are the same."""

    @classmethod
    def of(cls, times: np.ndarray, seen: np.ndarray | None = None) -> "TimeScale":
        """The scale of times, of which those `seen` count; None for all."""
        times = times if seen is None else times[seen]
        if not times.size:
            return cls(0.0, 1.0)
        start, end = times.min().item(), times.max().item()
        return cls(start, float(end - start) or 1.0)

    @classmethod
    def of_series(cls, times: np.ndarray, seen: np.ndarray | None = None) -> "TimeScale":
        """The scale of times [N, length] by which the longest series lasts 1.

        So the scale is that of one series, however far apart they begin.
        """
        made = cls.of(times, seen)
        if not times.size:
            return made
        since = cls(made.start, 1.0).apply(times)
        shown = np.ones(times.shape, bool) if seen is None else seen
        last = np.where(shown, since, -np.inf).max(axis=1)
        lengths = last - np.where(shown, since, np.inf).min(axis=1)
        return cls(made.start, max(float(lengths.max()), 0.0) or 1.0)

    def apply(self, times: np.ndarray) -> np.ndarray:
        """The times in float64, 0 to 1 in the training rows."""
        if times.dtype.kind in "iu" and isinstance(self.start, int):
            shifted = (times.astype(np.int64) - np.int64(self.start)).astype(np.float64)
        else:
            shifted = times.astype(np.float64) - float(self.start)
        return shifted / self.length

    def invert(self, times: np.ndarray) -> np.ndarray:
        """The times in the user's unit, in float64."""
        return np.asarray(times, np.float64) * self.length + self.start

    def to_json(self) -> dict[str, Any]:
        """JSON values, from which `from_json` makes the same again."""
        return {"start": self.start, "length": self.length}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TimeScale":
        """What `to_json` wrote."""
        return cls(values["start"], float(values["length"]))


def with_hidden_times(times: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """Times [N, length] with the last finite one before it in the place of a hidden NaN.

    `seen` [N, length] says which are observed. A hidden time that is finite stays: what is to be
    predicted has one.
    """
    if seen is None or times.dtype.kind != "f":
        return times
    lost = ~seen & ~np.isfinite(times)
    if not lost.any():
        return times
    places = np.where(lost, -1, np.arange(times.shape[1]))
    before = np.maximum.accumulate(places, axis=1)
    first = np.argmax(~lost, axis=1)[:, None]
    filled = np.take_along_axis(times, np.where(before < 0, first, before), axis=1)
    return np.where(np.isfinite(filled), filled, 0.0)


def check_distinct(wide: np.ndarray, narrow: np.ndarray) -> None:
    """Raise `DataError` where times that differ in `wide` are the same in a `narrow` type."""
    rows = [np.sort(each, axis=-1) for each in (wide, narrow)]
    before, after = (np.diff(each, axis=-1) != 0 for each in rows)
    lost = np.sum(before) - np.sum(after)
    if lost <= _LOST * np.sum(before):
        return
    raise DataError(
        f"t holds times that differ in {wide.dtype} and not in {narrow.dtype}, in which models "
        f"compute: {lost} of {np.sum(before)} neighbours in order become one. Leave standardise "
        "on, which shifts and scales them first, or compute in 64 bits (--x64)."
    )
