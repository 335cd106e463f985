"""Rows on disk: what a file must offer so that a run can train on it without holding it."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping

import numpy as np

_AT_A_TIME = 16 << 20  # bytes of a block, little beside what a program takes anyway


class RowSource(ABC):
    """Named arrays [N, ...] on disk, of which any rows can be read.

    To stream files of a format of your own, subclass, and return
    `RawData({}, tasks, source=source)` from a builder that is registered as a data set:

    - `like`: the arrays without their rows, [0, ...], as `read` gives them: their names, types and
      shapes. `x` is among them, and `y` where there are targets.
    - `__len__`: how many rows there are.
    - `read`: the arrays of some rows, in the order asked for. Several threads call it at once.
    - `groups`: where rows can be read only many at a time, such as a row group of Parquet, where
      each group begins and the last one ends; `window` is how many groups are held at once.
    """

    @property
    @abstractmethod
    def like(self) -> Mapping[str, np.ndarray]:
        """The arrays without their rows, [0, ...]."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def read(self, rows: np.ndarray, names: Collection[str]) -> dict[str, np.ndarray]:
        """Some arrays, by name, at `rows` [n], which are in any order."""

    @property
    def groups(self) -> np.ndarray | None:
        """Where each group of rows begins, and the last one ends, [groups + 1]; None, as here,
        where a row is read as fast as any other."""
        return None

    @property
    def window(self) -> int:
        """Groups whose rows are shuffled with each other, and which memory holds at once."""
        return 1

    def row_bytes(self, names: Collection[str] | None = None) -> int:
        """Bytes of one row in memory."""
        like = self.like
        return sum(
            like[name].dtype.itemsize * int(np.prod(like[name].shape[1:]))
            for name in (like if names is None else names)
        )

    def blocks(self, names: Collection[str]) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """All rows in their order, some at a time: where each block begins, and its arrays."""
        step = max(1, _AT_A_TIME // max(1, self.row_bytes(names)))
        groups = self.groups
        ends = [0, len(self)] if groups is None else groups.tolist()
        for first, last in itertools.pairwise(ends):
            for begin in range(first, last, step):
                yield begin, self.read(np.arange(begin, min(begin + step, last)), names)
