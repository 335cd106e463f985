"""Training, validation and test rows of a file, decided without reading it."""

import numpy as np

from ...errors import ConfigError
from ..splits import percentages, split_indices
from .keyed_permutation import KeyedPermutation
from .rows import DrawnRows, GroupedRows, ListedRows, SplitRows
from .source import RowSource

MOST_LISTED = 1 << 24
"""Rows up to which each part lists its own, as data in memory do: 128 MB of numbers."""
_TAG = 0x53504C49  # a key that no group of a file has


def parts_of(
    source: RowSource, labels: np.ndarray | None, split: str, seed: int
) -> list[SplitRows]:
    """The rows of the three parts of a file.

    Up to `MOST_LISTED` rows they are those of data in memory, in the same order: the shares of
    classes are kept. Beyond, a keyed shuffle of the file is cut in three, and classes have their
    shares by chance alone. Of a file that is read in groups of rows every part has its share of
    each group.

    Args:
        source: the file.
        labels: the class of every row; None without classes.
        split: percentages such as 60/20/20, or `all`, where every row is in all three.
        seed: decides which rows they are.

    Raises `ConfigError` for a split that cannot be made.
    """
    count = len(source)
    if source.groups is None and count <= MOST_LISTED:
        return [ListedRows(rows, count) for rows in split_indices(labels, count, split, seed)]
    pairs = [(0.0, 1.0)] * 3
    if split != "all":
        first, second = (np.cumsum(percentages(split)[:2]) / 100).tolist()
        pairs = [(0.0, first), (first, second), (second, 1.0)]
    if source.groups is None:
        shuffle = KeyedPermutation(count, (seed, _TAG))
        return [DrawnRows(shuffle, *(round(end * count) for end in pair)) for pair in pairs]
    parts = [GroupedRows(source.groups, pair, seed) for pair in pairs]
    if min(map(len, parts)) == 0:
        raise ConfigError(
            f"{count} rows leave a split of {split} empty: give more rows or split='all'."
        )
    return list(parts)
