"""Some rows of a split on disk, for what looks at a split as a whole."""

import numpy as np

from ..raw import Arrays
from .split import StreamedSplit

MOST_ROWS = 1 << 16
"""Rows of a sample."""
MOST_BYTES = 1 << 26
"""Bytes of a sample, unless fewer than `FEWEST_ROWS` would be left."""
FEWEST_ROWS = 256


def sample_of(split: Arrays) -> Arrays:
    """A split in memory as it is; of one on disk at most `MOST_ROWS` rows, the same each time.

    A part is in random order, so that they are a random sample: of a file that is read in groups,
    one of a few groups.
    """
    if not isinstance(split, StreamedSplit):
        return split
    size = sum(v.dtype.itemsize * int(np.prod(v.shape[1:])) for v in split.like.values())
    count = min(split.count, MOST_ROWS, max(FEWEST_ROWS, MOST_BYTES // max(1, size)))
    return split.rows(split.part.spread(count))
