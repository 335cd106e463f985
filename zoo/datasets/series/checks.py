"""Arrays of series, checked and brought into one form."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import DataError
from ..mask import observed
from ..preparation.padding import last_repeated, real_places, seen_places
from .names import series_name
from .values import check_beside, check_observed

Arrays = Mapping[str, np.ndarray]


def checked_arrays(arrays: Arrays, ids: Sequence[object] | None = None) -> dict[str, np.ndarray]:
    """The arrays of series with `t` [N, T], `mask` [N, T, D], and padding as the last time.

    Args:
        arrays: `x` [N, T, D]; `t` [N, T] or [T], 0, 1, ... where it is absent; `mask`, of the shape
            of x or [N, T], all where it is absent; perhaps `static` [N, S], `inputs` [N, T, U] and
            `dx` of the shape of x.
        ids: what the series are called in an error; by number where None.

    Raises `DataError` for shapes that do not fit, for times that are not finite or not increasing,
    for a series of one time, for observed values that are not finite, and for a series or channel
    without any.
    """
    made = {name: np.asarray(values) for name, values in arrays.items()}
    x = made.get("x", np.zeros(0))
    if x.ndim != 3 or not x.size:
        raise DataError(
            f"x has shape {x.shape}: expected series, (examples, times, channels), with some of "
            "each. Series of one channel are x[..., None]."
        )
    for name, values in made.items():
        if name != "y" and values.dtype.kind not in "biuf":
            raise DataError(
                f"{name} holds {values.dtype}: expected real numbers. Dates are read by "
                "zoo.make_series and --dataset csv_series."
            )
    t = made["t"] = _times(made.get("t"), x.shape)
    seen = observed(made)
    mask = np.ones(x.shape, bool) if seen is None else np.array(seen)
    real = real_places(t, seen_places(mask))
    _check_times(t, real, ids)
    check_observed(x, mask, ids)
    check_beside(made, real, ids)
    _check_derivatives(made)
    return {**made, "t": last_repeated(t, real), "mask": mask}


def _check_derivatives(arrays: Arrays) -> None:
    """Raise `DataError` for derivatives `dx` of another shape than x."""
    if "dx" in arrays and arrays["dx"].shape != arrays["x"].shape:
        raise DataError(
            f"dx has shape {arrays['dx'].shape} and x {arrays['x'].shape}: expected the derivative "
            "of each value by time. Leave dx out, and the loss derivative takes differences of x."
        )


def _times(t: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Times [N, T]. Raises `DataError` for another number of them than x has."""
    count, length, _ = shape
    if t is None:
        t = np.arange(float(length))
    if t.shape not in ((length,), (count, length)):
        raise DataError(
            f"t has shape {t.shape} and x {shape}: expected a time for each value, ({count}, "
            f"{length}), or ({length},) where all series have the same."
        )
    return np.array(np.broadcast_to(t, (count, length)))


def _check_times(t: np.ndarray, real: np.ndarray, ids: Sequence[object] | None) -> None:
    """Raise `DataError` for times that are not finite, not increasing, or one alone."""
    bad = real & ~np.isfinite(t)
    if bad.any():
        row, place = (int(i) for i in np.argwhere(bad)[0])
        raise DataError(
            f"The time of {series_name(ids, row)} at place {place} is {t[row, place]}: expected "
            "finite times. Leave the place out; padding repeats the last time, with a mask that is "
            "0."
        )
    wrong = real[:, 1:] & ~(t[:, 1:] > t[:, :-1])
    if wrong.any():
        row, place = (int(i) for i in np.argwhere(wrong)[0])
        before, after = t[row, place], t[row, place + 1]
        words, way_out = "The times are not in order", "Sort each series by time"
        if before == after:
            words, way_out = "There is the same time twice", "Leave one of the two out"
        raise DataError(
            f"{words} in {series_name(ids, row)}: {before} at place {place} and {after} at place "
            f"{place + 1}: expected increasing times. {way_out}."
        )
    short = real.sum(axis=1) < 2
    if short.any():
        row = int(np.argmax(short))
        raise DataError(
            f"There is one time alone, {t[row, 0]}, in {series_name(ids, row)}: expected two or "
            "more, between which something can change. Leave the series out."
        )
