"""Which places of series of unequal lengths are real, and which repeat the last one."""

import numpy as np


def seen_places(mask: np.ndarray) -> np.ndarray:
    """Which places [N, length] have an observation in any channel of a mask [N, length, D]."""
    return np.asarray(mask.any(axis=-1))


def real_places(times: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Which places [N, length] belong to a series; the others, at its end, are padding.

    A place is padding from where on nothing is observed and no time is later than the one before.

    Args:
        times: [N, length]; NaN is no later time.
        seen: whether a place [N, length] has an observation.
    """
    later = np.ones(times.shape, bool)
    later[:, 1:] = times[:, 1:] > times[:, :-1]
    lengths = times.shape[1] - np.argmax((later | seen)[:, ::-1], axis=1)
    return np.arange(times.shape[1]) < lengths[:, None]


def last_repeated(values: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Values [N, length, ...] with that of the last real place at all that are padding."""
    last = np.maximum(real.sum(axis=1) - 1, 0)
    places = np.minimum(np.arange(real.shape[1]), last[:, None])
    return values[np.arange(len(values))[:, None], places]


def since_first(times: np.ndarray) -> np.ndarray:
    """Times [N, length] since the first finite one of each series; whole numbers as such."""
    if times.dtype.kind in "iu":
        whole = times.astype(np.int64)
        return whole - whole[:, :1]
    first = np.argmax(np.isfinite(times), axis=1)[:, None]
    return times - np.take_along_axis(times, first, axis=1)
