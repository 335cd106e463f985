"""The order in which an epoch shows the examples, as a function of its places."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ...datasets.stream.keyed_permutation import KeyedPermutation
from ...datasets.stream.parts import MOST_LISTED

Order: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""The examples [n] at places [n] of an epoch."""


def order_of(count: int, key: Sequence[int], groups: np.ndarray | None, window: int) -> Order:
    """The shuffle of one epoch.

    Up to `MOST_LISTED` examples the permutation of NumPy's generator; beyond, one that is computed
    place by place, so that no array is as long as the data. Where rows are read in groups, see
    `WindowedOrder`.

    Args:
        count: training examples.
        key: of the epoch.
        groups: how many of them each group has; None where a row is read as fast as any other.
        window: groups that are shuffled with each other.
    """
    if groups is not None:
        return WindowedOrder(groups, key, window)
    if count > MOST_LISTED:
        return KeyedPermutation(count, key)
    return _generator(key).permutation(count).astype(np.int32).__getitem__


class WindowedOrder:
    """Groups in random order, a window of them at a time, and in it their examples in random order.

    An epoch so reads every group once, and holds a window of them; an example's neighbours in a
    batch are of the same window. As the shuffle buffer of other loaders, but it has no state.
    """

    def __init__(self, groups: np.ndarray, key: Sequence[int], window: int) -> None:
        """`groups` holds how many examples each has; `window` is how many go together."""
        self._key, self._window = list(key), window
        self._order = _generator(key).permutation(len(groups))
        self._starts = np.concatenate([[0], np.cumsum(groups)])[self._order]
        self._ends = np.cumsum(groups[self._order])
        self._cuts = self._ends[window - 1 :: window]
        if not len(self._cuts) or self._cuts[-1] < self._ends[-1]:
            self._cuts = np.append(self._cuts, self._ends[-1])

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """The examples [n] at places [n] of the epoch."""
        found = np.empty(places.shape, np.int64)
        windows = np.searchsorted(self._cuts, places, side="right")
        for window in np.unique(windows):
            mine = windows == window
            first = int(self._cuts[window - 1]) if window else 0
            size = int(self._cuts[window]) - first
            shuffle = KeyedPermutation(size, (*self._key, int(window)))
            found[mine] = self._examples(first + shuffle(places[mine] - first))
        return found

    def _examples(self, places: np.ndarray) -> np.ndarray:
        """The examples at places of the groups one after another, in this epoch's order."""
        group = np.searchsorted(self._ends, places, side="right")
        before = np.where(group > 0, self._ends[group - 1], 0)
        return self._starts[group] + places - before


def _generator(key: Sequence[int]) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(list(key))))
