"""Long rows, one a time of a series, laid out as padded arrays of series."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...errors import DataError

LARGEST = 2**27
"""Numbers that the padded array of the values may have: a gigabyte of float64."""


@dataclass(frozen=True)
class LongRows:
    """R rows, each of one time of one series, in any order."""

    ids: np.ndarray
    """Which series a row is of, [R]: numbers or text."""
    times: np.ndarray
    """As numbers, [R]."""
    values: np.ndarray
    """float64 [R, D]; NaN where one is missing."""
    place: Callable[[int], str]
    """Where a row is, in words."""
    inputs: np.ndarray | None = None
    """float64 [R, U], known at every time."""
    static: np.ndarray | None = None
    """float64 [R, S], the same in all rows of a series."""
    static_names: tuple[str, ...] = ()
    """What the columns of `static` are called; () where they have no names."""

    def kept(self, rows: np.ndarray) -> "LongRows":
        """Some of the rows (indices)."""
        return replace(
            self,
            ids=self.ids[rows],
            times=self.times[rows],
            values=self.values[rows],
            place=_Placed(self.place, rows),
            inputs=None if self.inputs is None else self.inputs[rows],
            static=None if self.static is None else self.static[rows],
        )


@dataclass(frozen=True)
class _Placed:
    """Where rows are that were taken of others."""

    place: Callable[[int], str]
    rows: np.ndarray

    def __call__(self, row: int) -> str:
        return self.place(int(self.rows[row]))


@dataclass(frozen=True)
class Layout:
    """Which row of a long table stands at which place of which series."""

    ids: np.ndarray
    """Of the N series, [N]."""
    rows: np.ndarray
    """The row [N, T] at each place; that of the last place where a series has ended."""
    lengths: np.ndarray
    """How many places each series has, [N]."""

    @property
    def real(self) -> np.ndarray:
        """Which places [N, T] are no padding."""
        return np.asarray(np.arange(self.rows.shape[1]) < self.lengths[:, None])

    def arrays(self, long: LongRows) -> dict[str, np.ndarray]:
        """The arrays of the series: `t`, `x`, `mask`, perhaps `inputs` and `static`.

        Raises `DataError` for a static number that is not the same in all rows of a series.
        """
        x = long.values[self.rows]
        made = {
            "t": long.times[self.rows],
            "x": x,
            "mask": ~np.isnan(x) & self.real[..., None],
        }
        if long.inputs is not None:
            made["inputs"] = long.inputs[self.rows]
        if long.static is not None:
            names = long.static_names or [f"static {i}" for i in range(long.static.shape[1])]
            pairs = zip(long.static.T, names, strict=True)
            found = [constant_in_series(each, self, name, long.place) for each, name in pairs]
            made["static"] = np.stack(found, axis=1)
        return made


def lay_out(long: LongRows, *, by_appearance: bool = False) -> Layout:
    """The series of long rows, each in order of time.

    The series are in order of their ids, so that the order of rows changes nothing; or in that of
    their first rows, `by_appearance`.

    Raises `DataError` for two rows of one series and time, and for series of which one is so much
    longer than the others that the padding would fill the memory.
    """
    ids, first, series = np.unique(long.ids, return_index=True, return_inverse=True)
    if by_appearance:
        order = np.argsort(first, kind="stable")
        ids, series = ids[order], np.argsort(order)[series]
    rows = np.lexsort((long.times, series))
    series, times = series[rows], long.times[rows]
    twice = (series[1:] == series[:-1]) & (times[1:] == times[:-1])
    if twice.any():
        at = int(np.argmax(twice))
        name = of_series(ids, int(series[at]))
        one, other = sorted(rows[at : at + 2].tolist())
        raise DataError(
            f"{long.place(other)}: {name} has the time {times[at]} again, "
            f"which it has in {long.place(one)} already: expected one row for each time. Delete "
            "one of the two, or put their values into one row."
            f"{' Where the rows are of several series, give their ids.' * (len(ids) == 1)}"
        )
    lengths = np.bincount(series, minlength=len(ids))
    longest = int(lengths.max())
    if len(ids) * longest * long.values.shape[1] > LARGEST:
        at = int(np.argmax(lengths))
        raise DataError(
            f"There are {len(ids):,} series, and {of_series(ids, at)} has {longest:,} times: "
            f"padded to one length they hold more than {LARGEST:,} numbers. Cut long series into "
            "several, each with an id of its own."
        )
    begins = np.cumsum(lengths) - lengths
    places = np.minimum(np.arange(longest), lengths[:, None] - 1)
    return Layout(ids, rows[begins[:, None] + places], lengths)


def of_series(ids: np.ndarray, index: int) -> str:
    """What a series is called: by its id, or `the series` where it is the only one."""
    return "the series" if len(ids) == 1 else f"series {plain_id(ids[index])}"


def plain_id(value: object) -> str:
    """An id as the user has it: a whole number without .0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def constant_in_series(
    values: np.ndarray, layout: Layout, name: str, place: Callable[[int], str]
) -> np.ndarray:
    """The value [N] of each series of values [R] that are the same in all of its rows.

    Raises `DataError` with the series and two of its values where they are not.
    """
    laid = values[layout.rows]
    other = (laid != laid[:, :1]) & layout.real
    if laid.dtype.kind == "f":
        other &= ~(np.isnan(laid) & np.isnan(laid[:, :1]))
    if other.any():
        row, at = (int(i) for i in np.argwhere(other)[0])
        one, second = (int(layout.rows[row, each]) for each in (0, at))
        raise DataError(
            f"{name} of {of_series(layout.ids, row)} is {laid[row, 0]!s} in {place(one)} and "
            f"{laid[row, at]!s} in {place(second)}: expected the same in all rows of a series. "
            "Correct one of them; what changes with time is a value or an input."
        )
    return np.asarray(laid[:, 0])
