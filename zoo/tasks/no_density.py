"""Which data have no density, column by column, refused before anything is learned of them."""

import math
from collections.abc import Iterator

import numpy as np

from ..errors import DataError
from .bits import raw_steps
from .types import Data

_LEAVE_OUT = "--dataset.ignore leaves columns of a file out"
_MOST = 8  # names in a sentence


def check_has_density(data: Data) -> None:
    """Raise `DataError` for data without a density, naming the columns.

    Categories encoded as 0 and 1, few values that are no multiples of a step, a column of one
    value, and continuous columns of which one is a linear sum of others.
    """
    words = [repr(name) for name in data.preprocessing.word_columns]
    if words:
        raise DataError(
            f"Column {_listed(words)} holds words, encoded as 0 and 1, which have no density: "
            f"expected numbers alone. Leave it out: {_LEAVE_OUT}."
        )
    _check_uneven(data)
    _check_constant(data)
    _check_sums(data)


def level_notes(data: Data) -> Iterator[str]:
    """Words on the columns that are dequantised, with the steps of their levels."""
    levels = data.levels
    if not levels.quanta.any():
        return
    shape = data.train["x"].shape[1:]
    steps = raw_steps(data.preprocessing, levels.quanta, shape).reshape(-1)
    if levels.everywhere and np.allclose(steps, steps[0]):
        which = f"all numbers, of which each takes levels {steps[0]:.4g} apart"
    else:
        places = np.flatnonzero(levels.quanta).tolist()
        named = [f"{name_of(data, place)} ({steps[place]:.4g})" for place in places]
        which = f"what takes few values, with the step of its levels: {_listed(named)}"
    yield (
        f"Dequantised by noise as wide as a step, without which a density has no bound: {which}."
    )


def name_of(data: Data, place: int) -> str:
    """What a number of an input is called, by its place in it."""
    features = data.preprocessing.features
    if features:
        return repr(features[place])
    shape = data.train["x"].shape[1:]
    return f"{place}" if len(shape) == 1 else str(tuple(map(int, np.unravel_index(place, shape))))


def _check_uneven(data: Data) -> None:
    uneven = np.flatnonzero(data.levels.uneven)
    if not len(uneven):
        return
    channels = data.train["x"].shape[-1]
    raw = data.preprocessing.raw(data.train["x"]).reshape(-1, channels)[:, uneven[0] % channels]
    digits = 5 - math.floor(math.log10(raw.max() - raw.min()))  # float32 has seven
    values, counts = np.unique(raw.round(digits) + 0.0, return_counts=True)
    often, which = counts.argmax(), "it" if len(uneven) == 1 else "the first"
    raise DataError(
        f"Column {_named(data, uneven)} has no density: {which} takes {len(values):,} values in "
        f"{len(raw):,} numbers for training, {values[often]:.5g} in {counts[often]:,} of them, and "
        "they are no multiples of one step. Expected continuous numbers, or levels evenly apart, "
        f"which are dequantised. Leave it out ({_LEAVE_OUT}), round it to multiples of one step, "
        "or give it in another unit, such as counts and not their logarithms."
    )


def _check_constant(data: Data) -> None:
    constant = np.flatnonzero(data.levels.constant)
    if len(constant):
        raise DataError(
            f"Column {_named(data, constant)} is the same in all training rows, and so has no "
            f"density: expected numbers that vary. Leave it out: {_LEAVE_OUT}. Of images, or "
            "counts, whose levels are known, say RawData.quantum."
        )


def _check_sums(data: Data) -> None:
    """Raise `DataError` for a column that is a linear sum of those before it."""
    quanta, x = data.levels.quanta, data.train["x"]
    rows = x.reshape(len(x), -1)[:, np.flatnonzero(quanta == 0)]
    if len(rows) <= rows.shape[1]:
        return  # too few rows to tell
    std = rows.std(axis=0, dtype=np.float64)
    rounding = np.finfo(x.dtype).eps * np.max(np.abs(rows).max(axis=0) / std, initial=0)
    rows = (rows - rows.mean(axis=0, dtype=np.float64)) / std
    correlation = rows.T @ rows / len(rows)
    tolerance = len(correlation) * (2 * rounding) ** 2
    if not len(correlation) or np.linalg.eigvalsh(correlation)[0] > tolerance:
        return
    for last in range(1, len(correlation)):
        of_last = correlation[:last, last]
        shares, *_ = np.linalg.lstsq(correlation[:last, :last], of_last)
        if 1 - of_last @ shares <= tolerance * (1 + shares @ shares):
            _refuse_sum(data, np.flatnonzero(quanta == 0), last, shares)


def _refuse_sum(data: Data, places: np.ndarray, last: int, shares: np.ndarray) -> None:
    others = places[:last][np.abs(shares) > 1e-3 * np.abs(shares).max()]
    raise DataError(
        f"Column {name_of(data, int(places[last]))} is a linear sum of {_named(data, others)} in "
        "all training rows, so that they fill no volume and have no density: expected columns of "
        f"which none follows from others. Leave one of them out: {_LEAVE_OUT}."
    )


def _named(data: Data, places: np.ndarray) -> str:
    return _listed([name_of(data, int(place)) for place in places])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
