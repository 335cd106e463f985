"""Which rows of a file belong to a part, without an array as long as the file."""

from abc import ABC, abstractmethod

import numpy as np

from .keyed_permutation import KeyedPermutation

_GROUPS = 16
"""Groups of which a few rows are looked at."""


class SplitRows(ABC):
    """The rows of a file that a part holds, in the part's own order.

    A place is an example's number in the part, a row its number in the file.
    """

    @abstractmethod
    def __len__(self) -> int:
        """How many rows the part holds."""

    @abstractmethod
    def at(self, places: np.ndarray) -> np.ndarray:
        """The rows [n] at places [n]."""

    @abstractmethod
    def holds(self, begin: int, end: int) -> np.ndarray:
        """Which of the rows from `begin` up to `end` are of the part, truth values."""

    @property
    def groups(self) -> np.ndarray | None:
        """How many rows of the part each group of the file has, in the order of the places; None,
        as here, for a file that is read row by row."""
        return None

    def spread(self, count: int) -> np.ndarray:
        """At most `count` places, the same each time, from all over the part.

        They are at equal distances; of a file that is read in groups, the first ones of a few
        groups at equal distances, so that few are read.
        """
        groups = self.groups
        if groups is None or count >= len(self):
            count = min(count, len(self))
            return np.linspace(0, len(self) - 1, count).round().astype(np.int64)
        held = np.flatnonzero(groups)
        few = held[np.linspace(0, len(held) - 1, min(len(held), _GROUPS)).round().astype(int)]
        begins = np.cumsum(groups) - groups
        each = -(-count // len(few))
        return np.concatenate([begins[g] + np.arange(min(each, groups[g])) for g in few])[:count]


class ListedRows(SplitRows):
    """Rows that are listed, as those of data in memory are."""

    def __init__(self, rows: np.ndarray, count: int) -> None:
        """`rows` of a file of `count`."""
        self._rows = rows
        self._member = np.zeros(count, bool)
        self._member[rows] = True

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, places: np.ndarray) -> np.ndarray:
        """The rows [n] at places [n]."""
        return self._rows[places]

    def holds(self, begin: int, end: int) -> np.ndarray:
        """Which of the rows from `begin` up to `end` are of the part."""
        return self._member[begin:end]


class DrawnRows(SplitRows):
    """Rows whose values under a keyed shuffle of the file lie between two numbers."""

    def __init__(self, shuffle: KeyedPermutation, first: int, last: int) -> None:
        """Those at the places `first` up to `last` of the shuffled file."""
        self._shuffle, self._first, self._last = shuffle, first, last

    def __len__(self) -> int:
        return self._last - self._first

    def at(self, places: np.ndarray) -> np.ndarray:
        """The rows [n] at places [n]."""
        return self._shuffle(np.asarray(places, np.int64) + self._first)

    def holds(self, begin: int, end: int) -> np.ndarray:
        """Which of the rows from `begin` up to `end` are of the part."""
        places = self._shuffle.inverse(np.arange(begin, end))
        return (self._first <= places) & (places < self._last)


class GroupedRows(SplitRows):
    """A share of every group of a file, each group shuffled by a key of its own.

    So each part is of all groups, and a group is read once where places are taken in their order.
    """

    def __init__(self, bounds: np.ndarray, shares: tuple[float, float], seed: int) -> None:
        """Of groups at `bounds` [groups + 1] the rows from one share of the group to another."""
        self._bounds, self._seed = bounds, seed
        cuts = [np.diff(np.round(share * bounds).astype(np.int64)) for share in shares]
        sizes = np.diff(bounds)
        self._first, self._last = (np.clip(cut, 0, sizes) for cut in cuts)
        self._last = np.maximum(self._first, self._last)
        self._ends = np.cumsum(self._last - self._first)

    def __len__(self) -> int:
        return int(self._ends[-1])

    @property
    def groups(self) -> np.ndarray:
        """How many rows of the part each group has."""
        return self._last - self._first

    def at(self, places: np.ndarray) -> np.ndarray:
        """The rows [n] at places [n]."""
        places = np.asarray(places, np.int64)
        of_group = np.searchsorted(self._ends, places, side="right")
        rows = np.empty(places.shape, np.int64)
        for group in np.unique(of_group):
            mine = of_group == group
            before = self._ends[group] - self.groups[group]
            inside = places[mine] - before + self._first[group]
            rows[mine] = self._bounds[group] + self._shuffle(int(group))(inside)
        return rows

    def holds(self, begin: int, end: int) -> np.ndarray:
        """Which of the rows from `begin` up to `end`, of one group, are of the part."""
        group = int(np.searchsorted(self._bounds, begin, side="right")) - 1
        inside = self._shuffle(group).inverse(np.arange(begin, end) - self._bounds[group])
        return (self._first[group] <= inside) & (inside < self._last[group])

    def _shuffle(self, group: int) -> KeyedPermutation:
        size = int(self._bounds[group + 1] - self._bounds[group])
        return KeyedPermutation(size, (self._seed, group))
