"""Which values of series an array of a batch marks: what was observed, what a model is shown."""

import numpy as np

from ..types import AnyArray, Batch


def marked(arrays: Batch, name: str) -> AnyArray:
    """Which values [N, T, D] of `x` the array `name` marks, `mask` or `given`; all without it.

    It is of the shape of `x`, or [N, T], for all channels of a time. Of arrays of NumPy the result
    is one; of traced ones it is traced, where there is such an array.
    """
    every, marks = np.ones(np.shape(arrays["x"]), bool), arrays.get(name)
    if marks is None:
        return every
    marks = marks.astype(bool)
    return every & (marks[..., None] if marks.ndim == 2 else marks)
