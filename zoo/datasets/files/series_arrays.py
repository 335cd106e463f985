"""The arrays of series in an .npz file, padded or one behind the other."""

import numpy as np

from ...errors import DataError
from ..spec import ALONG_TIME
from .npz_members import read_arrays
from .ragged import padded

_NAMES = ("t", "x", "mask", "static", "inputs", "y", "weight", "lengths")


def series_arrays(path: str) -> dict[str, np.ndarray]:
    """The arrays of series in a file: `x`, `mask` of its shape or [N, T], and what else is there.

    Raises `DataError` for a file without `x`, with an array of another name, or whose `mask` or
    `lengths` do not fit.
    """
    arrays = read_arrays(path)
    strange = sorted(set(arrays) - set(_NAMES))
    if "x" not in arrays or strange:
        held = ", ".join(sorted(arrays)) or "nothing"
        raise DataError(
            f"{path} holds {held}: expected x, the values, and of {', '.join(_NAMES)} what there "
            "is. Rename or leave out what is called otherwise."
        )
    if "lengths" in arrays:
        arrays = padded(path, arrays, [name for name in ALONG_TIME if name in arrays])
    return {**arrays, "mask": _observed(path, arrays)}


def _observed(path: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Where x is there: by the mask, where there is one, and no NaN.

    Raises `DataError` for a mask of another shape.
    """
    x, mask = arrays["x"], arrays.get("mask")
    there = ~np.isnan(x) if x.dtype.kind == "f" else np.ones(x.shape, bool)
    if mask is None:
        return there
    if mask.shape not in (x.shape, x.shape[:2]):
        raise DataError(
            f"{path}: mask has shape {mask.shape} and x {x.shape}: expected the shape of x, or "
            "that without its channels."
        )
    return there & (mask != 0).reshape(*mask.shape, *[1] * (x.ndim - mask.ndim))
