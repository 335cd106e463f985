"""The ranges in which pixels come, 0 to 1 and 0 to 255, and images of the one for the other."""

import numpy as np

from ...errors import DataError

_ABOVE = 2.0  # of images from 0 to 1, no value is larger, whatever was done to them


def is_unit(low: float, high: float) -> bool:
    """Whether values are of images from 0 to 1."""
    return low >= 0 and high <= 1


def check_range(x: np.ndarray, low: float, high: float) -> None:
    """Raise `DataError` for images of another range than `low` to `high`, the training rows'.

    Those of 0 to 255 for a model of 0 to 1, and the reverse; a dark image of bytes does not count.
    """
    top = float(np.max(x))
    trained = f"The model was trained on images of values from {low:g} to {high:g}"
    if is_unit(low, high) and top > _ABOVE:
        raise DataError(
            f"{trained}, and these go up to {top:g}: expected the same range. Divide them by 255, "
            "or by what their largest value can be."
        )
    # Whole numbers may be a dark image; a whole file between 0 and 1 is of another unit.
    if low >= 0 and high > _ABOVE and x.dtype.kind == "f" and 0 < top <= 1 and np.min(x) >= 0:
        raise DataError(
            f"{trained}, and these go up to {top:g} alone: expected the same range. Multiply them "
            f"by {255 if high > 16 else high:g}, or by what the largest value can be."
        )
