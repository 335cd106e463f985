"""Predictions of series that learn nothing: the baselines of interpolation and forecasting.

Arrays are t [N, T], x [N, T, D] and shown [N, T, D], True where a value may be used. No function
reads another value of x. A prediction is [N, T, D]; `fill` [D] stands for a channel of a series of
which nothing is shown.
"""

from collections.abc import Iterator

import numpy as np

ROUNDED = 1e-3
"""The share of a season by which rounded times may miss a whole number of seasons."""


def last_value(x: np.ndarray, shown: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """The last value shown up to each time; before the first one, that one."""
    places = np.where(shown, np.arange(x.shape[1])[:, None], -1)
    last = np.maximum.accumulate(places, axis=1)
    first = np.expand_dims(np.argmax(shown, axis=1), 1)
    values = np.take_along_axis(x, np.where(last < 0, first, last), axis=1)
    return np.where(shown.any(axis=1, keepdims=True), values, fill)


def mean_value(x: np.ndarray, shown: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """The mean of the values shown of a series, at every time."""
    counts = shown.sum(axis=1)
    means = np.where(shown, x, 0).sum(axis=1, dtype=np.float64) / np.maximum(counts, 1)
    return np.broadcast_to(np.where(counts > 0, means, fill)[:, None], x.shape)


def linear(t: np.ndarray, x: np.ndarray, shown: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """The straight line between the values shown next to each time; beyond them, the next one."""
    values = np.empty(x.shape)
    values[:] = fill
    for series, channel, seen in _each(shown):
        times = t[series, seen]
        values[series, :, channel] = np.interp(t[series], times, x[series, seen, channel])
    return values


def seasonal(
    t: np.ndarray, x: np.ndarray, shown: np.ndarray, period: float, fill: np.ndarray
) -> np.ndarray:
    """The value shown a season before each time: the seasonal naive forecast.

    Beyond the last value shown, as many whole seasons before as reach one that is. Of irregular
    times, the value is the nearest to that time within half a season; where there is none, or that
    time lies before the first, it is `last_value`.

    Args:
        t: times.
        x: values.
        shown: which may be used.
        period: how long a season lasts, in the unit of t.
        fill: what stands for a channel of which nothing is shown.
    """
    values = np.array(last_value(x, shown, fill), np.float64)
    for series, channel, seen in _each(shown):
        times = t[series, seen].astype(np.float64)
        beyond = (t[series] - times[-1]) / period
        before = t[series] - period * np.maximum(np.ceil(beyond - ROUNDED), 1)
        place, found = _nearest(before, times, period)
        kept = x[series, seen, channel][place]
        values[series, found, channel] = kept[found]
    return values


def seasonal_error(t: np.ndarray, x: np.ndarray, shown: np.ndarray, period: float) -> np.ndarray:
    """The mean absolute error of the seasonal naive forecast within the values shown, [N, D].

    It is the unit of the MASE (Hyndman and Koehler 2006, "Another look at measures of forecast
    accuracy"). NaN for a series of which no two values shown are a season apart. Arguments are
    those of `seasonal`.
    """
    errors = np.full((len(x), x.shape[2]), np.nan)
    for series, channel, seen in _each(shown):
        times = t[series, seen].astype(np.float64)
        values = x[series, seen, channel].astype(np.float64)
        place, found = _nearest(times - period, times, period)
        if found.any():
            errors[series, channel] = np.abs(values - values[place])[found].mean()
    return errors


def _each(shown: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """Each series and channel of which something is shown, with the places of that."""
    for series, channel in np.argwhere(shown.any(axis=1)):
        yield int(series), int(channel), np.flatnonzero(shown[series, :, channel])


def _nearest(asked: np.ndarray, times: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """The place in `times`, which ascend, nearest to each time asked for, and whether it counts:
    whether that time is not before the first and the nearest is within half a season."""
    after = np.searchsorted(times, asked).clip(1, max(len(times) - 1, 1))
    before, after = after - 1, np.minimum(after, len(times) - 1)
    nearer = np.abs(times[after] - asked) < np.abs(times[before] - asked)
    place = np.where(nearer, after, before)
    near = np.abs(times[place] - asked) < period / 2
    return place, near & (asked >= times[0] - ROUNDED * period)
