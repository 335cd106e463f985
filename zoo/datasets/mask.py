"""Which entries of the inputs are observed, and what stands for the others."""

from collections.abc import Mapping

import numpy as np

from ..errors import DataError


def observed(arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Which entries of `x` are observed, truth values of its shape; None where all are.

    `mask` is of the shape of `x`, or lacks some of its last axes: [N, length] of a series hides all
    channels of a time. What it hides may hold anything, NaN included.

    Raises `DataError` for a mask of another shape, or of other values than 0 and 1.
    """
    mask = arrays.get("mask")
    if mask is None or "x" not in arrays:
        return None
    shape = np.shape(arrays["x"])
    if not 2 <= mask.ndim <= len(shape) or mask.shape != shape[: mask.ndim]:
        raise DataError(
            f"mask has shape {mask.shape} and x {shape}: expected the shape of x, or that without "
            "its last axes, such as (examples, length). An array for a loss of your own needs "
            "another name."
        )
    if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
        raise DataError(
            f"mask is {mask.dtype} and holds other values than 0 and 1: expected 1, or True, where "
            "x is observed. Write mask = ~numpy.isnan(x)."
        )
    seen = mask.astype(bool).reshape(*mask.shape, *[1] * (len(shape) - mask.ndim))
    return None if seen.all() else np.broadcast_to(seen, shape)


def hidden_filled(x: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """x [..., channels] with the first observed value of a channel where none was `seen`."""
    if seen is None:
        return x
    flat, shown = x.reshape(-1, x.shape[-1]), seen.reshape(-1, x.shape[-1])
    first = flat[shown.argmax(axis=0), np.arange(flat.shape[1])]
    first = np.where(shown.any(axis=0), first, 0)
    return np.where(seen, x, first)


def seen_times(times: np.ndarray, seen: np.ndarray | None) -> np.ndarray | None:
    """Which times [N, length] have an observation in any channel; None where all count."""
    if seen is None or seen.ndim < 2 or times.shape != seen.shape[:2]:
        return None
    return np.asarray(seen.reshape(*times.shape, -1).any(axis=-1))
