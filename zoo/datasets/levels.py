"""The levels that the numbers of an input take, found in the training rows.

A column of whole numbers takes levels, and so does one whose rows repeat values that are multiples
of one step: counts, marks of 0.5, measurements read to a tenth. A density of such numbers is one of
the levels, which needs noise of the width of a step (dequantisation: Theis, van den Oord and Bethge
2016, "A note on the evaluation of generative models"); without it the likelihood has no bound.
"""

import numpy as np

from ..precision import constant
from ..tasks.levels import Levels
from .preparation import Preparation
from .raw import Arrays

_MOST_ROWS = 1 << 16
"""Values of a column that are looked at."""
_REPEATED = 0.1
"""Share of rows with a value that another row has, up to which numbers are continuous."""
_FEW = 0.5
"""The same share, from which values are few."""
_OFTEN = 0.05
"""Share of rows with one value, from which that is no chance."""
_NEIGHBOURS = 0.1
"""Share of the gaps that are one step, from which levels are even whatever repeats."""
_FINEST = 64
"""Rounding errors that a step has at least: a smaller one is not told from none."""


def levels_of(train: Arrays, preparation: Preparation, quantum: float | None) -> Levels:
    """The levels of `x` [N, ..., C] of the training rows, C its columns or channels.

    Args:
        train: the training rows, prepared.
        preparation: what prepared them.
        quantum: the spacing in the user's units, where it is known, of all numbers.
    """
    if quantum is not None:
        return _declared(train["x"].shape[1:], preparation, quantum)
    x = train["x"]
    columns = x.reshape(-1, x.shape[-1])
    if len(columns) > _MOST_ROWS:  # drawn: every so many would be the same places of an image
        drawn = np.random.default_rng(0).choice(len(columns), _MOST_ROWS, replace=False)
        columns = columns[drawn]
    raw = preparation.raw(columns)
    found = [_levels_of_column(columns[:, c], raw[:, c]) for c in range(columns.shape[1])]
    quanta, uneven = (_of_example(np.array(each), x.shape[1:]) for each in zip(*found, strict=True))
    same = constant(x.reshape(len(x), -1))
    return Levels(quanta, uneven, same & (quanta == 0) & ~uneven)


def _declared(shape: tuple[int, ...], preparation: Preparation, quantum: float) -> Levels:
    """Levels of a spacing that the data set says; nothing is looked for."""
    channels = shape[-1]
    unit = preparation.raw(np.ones(channels)) - preparation.raw(np.zeros(channels))
    quanta = _of_example(quantum / unit, shape)
    none = np.zeros(quanta.shape, bool)
    return Levels(quanta, none, none, quantum)


def _of_example(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values [C] for each number of an input of a shape [..., C], flat."""
    return np.broadcast_to(values, shape).reshape(-1)


def _levels_of_column(x: np.ndarray, raw: np.ndarray) -> tuple[float, bool]:
    """The spacing of prepared values [n], 0 where continuous, and whether they are few and uneven.

    `raw` are the same values in the user's units. Values that are not finite are not looked at.
    """
    finite = np.isfinite(x)
    if not finite.any():
        return 0.0, False
    x, raw = x[finite], raw[finite]
    rounding = float(np.finfo(x.dtype).eps) * float(np.abs(x).max())
    values, counts = np.unique(x.astype(np.float64), return_counts=True)
    if np.ptp(values) <= 2 * rounding:
        return 0.0, False
    unit = float(np.ptp(raw)) / float(np.ptp(values))
    decimal = decimal_step(raw, rounding * unit)
    step = None if decimal is None else decimal / unit
    if step is not None and step * unit >= 1:
        return (step if step > _FINEST * rounding else 0.0), False
    repeated = 1 - len(values) / len(x)
    if repeated <= _REPEATED:
        return 0.0, False
    step = common_step(values, rounding) if step is None else step
    if step is None:
        return 0.0, bool(repeated > _FEW or counts.max() > _OFTEN * len(x))
    neighbours = float(np.mean(np.diff(values) < 1.5 * step))
    uneven = neighbours < _NEIGHBOURS and repeated > _FEW
    return (0.0, True) if uneven else (step, False)


def decimal_step(raw: np.ndarray, rounding: float) -> float | None:
    """The largest step of which all gaps between numbers are multiples that have few decimals.

    1 or more of whole numbers. None where some have more than six decimals, or more than an error
    of `rounding` in each number lets see.
    """
    for decimals in range(7):
        scaled, slack = raw * 10.0**decimals, rounding * 10.0**decimals
        if slack > 0.05:
            return None
        whole = np.round(scaled)
        if (np.abs(scaled - whole) <= slack + 1e-9).all():
            step = np.gcd.reduce(np.diff(np.unique(whole)).astype(np.int64))
            return float(step) / 10**decimals
    return None


def common_step(values: np.ndarray, rounding: float) -> float | None:
    """The largest step of which all gaps between ascending `values` are multiples.

    Euclid's algorithm on all gaps at once: what is left of one by the step so far is a new gap.
    None where the step would be a few `rounding` errors of a value, or where most gaps are so many
    steps wide that they would be multiples of any.
    """
    gaps = np.diff(values)
    gaps = gaps[gaps > 2 * rounding]
    step = float(gaps.min())
    while step > _FINEST * rounding:
        counts = np.round(gaps / step)
        slack = 2 * rounding * (1 + counts)
        tells = slack <= step / 16
        if tells.mean() < 0.5:
            return None
        left = np.abs(gaps - counts * step)[tells]
        if (left <= slack[tells]).all():
            step = float(gaps[tells].sum() / counts[tells].sum())
            return float(gaps.sum() / np.round(gaps / step).sum())
        step = float(left[left > slack[tells]].min())
    return None
