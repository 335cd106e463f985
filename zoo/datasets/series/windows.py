"""Windows of each series in order of time, so that the parts of a split follow one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import DataError
from ..preparation.padding import real_places, seen_places
from .places import take_places
from .shown import EDGE, ends

STRIDES = 4
"""So many windows may be trained on begin within one horizon; those of the others do not overlap
in what is to be forecast."""


@dataclass(frozen=True)
class Windows:
    """M windows of N series: what each shows and what it has to forecast.

    A window shows the times of a `context` and has to find those of the `horizon` after it.
    """

    arrays: dict[str, np.ndarray]
    """Of the M windows."""
    rows: np.ndarray
    """Which series [M] each is of."""
    shown: np.ndarray
    """Which places [M, T] lie before what is to be forecast."""
    reach: np.ndarray
    """Where what is to be forecast begins and ends [M, 2], as shares of the series' duration."""
    tiles: np.ndarray
    """Whether a window [M] is one of those, a horizon apart, that overlap in no forecast."""


def cut_windows(arrays: Mapping[str, np.ndarray], context: float, horizon: float) -> Windows:
    """The windows of series, the last of each ending with its last observation.

    Args:
        arrays: as `checked_arrays` returns them.
        context: how long the shown part is.
        horizon: how long the part is that is to be forecast.

    Raises `DataError` where no series is long enough.
    """
    seen = seen_places(arrays["mask"])
    real = real_places(arrays["t"], seen)
    last = ends(arrays)
    found = []
    for row in range(len(seen)):
        times = arrays["t"][row][real[row]]
        duration = float(last[row] - times[0])
        since = (times - times[0]).astype(np.float64)
        found.append(_of_one(since, seen[row][real[row]], duration, context, horizon))
    if not sum(map(len, found)):
        longest = max(float(last[row] - arrays["t"][row, 0]) for row in range(len(seen)))
        raise DataError(
            f"The longest series lasts {longest:g}, and a window {context:g} of context and "
            f"{horizon:g} of horizon, in the unit of the times: expected a series in which one "
            "fits, with observations in both. Give a shorter context or horizon."
        )
    rows = np.repeat(np.arange(len(found)), list(map(len, found)))
    bounds = np.concatenate(found)
    first, cut, stop = bounds[:, :3].astype(int).T
    places = [np.arange(a, b) for a, b in zip(first, stop, strict=True)]
    made = take_places(arrays, rows, places)
    shown = np.arange(made["t"].shape[1]) < (cut - first)[:, None]
    return Windows(made, rows, shown, bounds[:, 3:5], bounds[:, 5].astype(bool))


def _of_one(
    times: np.ndarray, seen: np.ndarray, duration: float, context: float, horizon: float
) -> np.ndarray:
    """The windows of one series, in order: first place, the first one after the context, the one
    after the last, begin and end of the forecast as shares, and whether it is a tile; [M, 6].

    Args:
        times: since the first, [n].
        seen: at which of them something is observed.
        duration: until the last observation.
        context: how long the shown part is.
        horizon: how long the part is that is to be forecast.
    """
    edge = EDGE * horizon
    steps = np.arange(int((duration - horizon - context + edge) / horizon * STRIDES) + 1)
    if duration + edge < horizon + context:
        return np.zeros((0, 6))
    stop = duration - steps * (horizon / STRIDES)
    places = np.stack(
        [
            np.searchsorted(times, stop - horizon - context - edge),
            np.searchsorted(times, stop - horizon + edge),
            np.searchsorted(times, stop + edge),
        ],
        axis=1,
    )
    counts = np.concatenate([[0], np.cumsum(seen)])[places]
    tiles = steps % STRIDES == 0
    good = (np.diff(counts, axis=1) > 0).all(axis=1)
    reach = np.stack([stop - horizon, stop], axis=1) / duration
    windows = np.column_stack([places, reach, tiles])[good]
    windows = windows[np.argsort(~windows[:, 5].astype(bool), kind="stable")]
    # Times further apart than windows make some of them the same: tiles come first and stay.
    _, different = np.unique(windows[:, :3], axis=0, return_index=True)
    return windows[different]


def parts_of(reach: np.ndarray, tiles: np.ndarray, shares: Sequence[float]) -> list[np.ndarray]:
    """The indices of the training, validation and test windows.

    What a window of a part has to forecast lies in that part of its series' duration; a training
    window lies in it as a whole. Windows across a border are in none.

    Args:
        reach: of what is to be forecast, [M, 2].
        tiles: which windows [M] do not overlap in that.
        shares: where training and validation end.
    """
    begin, end = reach.T
    edge = 1e-9
    train, val = shares
    return [
        np.flatnonzero(end <= train + edge),
        np.flatnonzero((begin >= train - edge) & (end <= val + edge) & tiles),
        np.flatnonzero((begin >= val - edge) & tiles),
    ]
