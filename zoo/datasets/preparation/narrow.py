"""Arrays in the types in which models compute."""

import numpy as np

from ...errors import DataError
from ...precision import default_float
from .times import check_distinct


def narrowed(key: str, values: np.ndarray) -> np.ndarray:
    """Floats in the default type, integers as int32; `key` is the name of the array.

    Raises `DataError` for a number too large for that, and for times that would become one.
    """
    if values.dtype.kind not in "fiu":
        return values
    dtype = default_float() if values.dtype.kind == "f" else np.dtype(np.int32)
    with np.errstate(over="ignore"):
        narrow = values.astype(dtype)
    fits = np.isfinite(narrow) if dtype.kind == "f" else narrow == values
    if not fits.all():
        index = tuple(int(i) for i in np.argwhere(~fits)[0])
        raise DataError(
            f"{key}{list(index)} is {values[index]}: too large for {dtype}, in which models "
            "compute. Give it in another unit."
        )
    if key == "t":
        check_distinct(values, narrow)
    return narrow
