"""Series of unequal lengths that are stored one behind the other."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...errors import DataError


def padded(
    path: str, arrays: Mapping[str, np.ndarray], along_time: Sequence[str]
) -> dict[str, np.ndarray]:
    """Arrays [N, T, ...] of those of R rows, N series one behind the other, padded to one length.

    What has an entry for each series goes along. Padding repeats the last row, with a mask of 0.

    Args:
        path: of the file, for the words of an error.
        arrays: by name, with `lengths` [N], which add up to R.
        along_time: the names of the arrays that have R rows.

    Raises `DataError` for lengths that are no whole numbers above 0 or do not add up to the rows.
    """
    made = {name: values for name, values in arrays.items() if name != "lengths"}
    lengths = arrays["lengths"]
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu" or not len(lengths) or lengths.min() < 1:
        raise DataError(
            f"{path}: lengths is {lengths.dtype} of shape {lengths.shape}: expected a whole number "
            "above 0 for each series, of one axis."
        )
    total = int(lengths.sum())
    for name in along_time:
        values = made[name]
        if values.ndim == 0 or len(values) != total:
            raise DataError(
                f"{path}: {name} has shape {values.shape} and the lengths of {len(lengths)} series "
                f"add up to {total}: expected as many rows, the series one behind the other."
            )
    lengths = lengths.astype(np.int64)
    longest = int(lengths.max())
    begins = np.cumsum(lengths) - lengths
    rows = begins[:, None] + np.minimum(np.arange(longest), lengths[:, None] - 1)
    made |= {name: made[name][rows] for name in along_time}
    real = np.arange(longest) < lengths[:, None]
    if made["x"].ndim == 2:
        made["x"] = made["x"][..., None]
    mask = made.get("mask", np.ones(made["x"].shape, bool))
    made["mask"] = (mask != 0) & real.reshape(*real.shape, *[1] * (mask.ndim - 2))
    if "t" not in made:
        made["t"] = np.minimum(np.arange(longest), lengths[:, None] - 1).astype(np.float64)
    return made
