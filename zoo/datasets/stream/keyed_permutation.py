"""A shuffle that is computed place by place, and so takes no memory however long it is."""

from collections.abc import Sequence

import numpy as np

_ROUNDS = 8


class KeyedPermutation:
    """A permutation of 0 to count - 1 that a key decides; `permutation(places)` gives its values.

    A Feistel network over the smallest range of 2^(2h) numbers that holds `count`, whose rounds
    mix by the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
    number generators"). A value of `count` or more is sent through again until it is less, which
    keeps the map one to one (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").

    Args:
        count: of the places, 1 or more.
        key: words of 32 bits, each 0 or more.
    """

    def __init__(self, count: int, key: Sequence[int]) -> None:
        self.count = count
        half = max(1, ((count - 1).bit_length() + 1) // 2)
        self._half, self._mask = np.uint64(half), np.uint64((1 << half) - 1)
        self._keys = np.random.SeedSequence(list(key)).generate_state(_ROUNDS, np.uint64)

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """The values [n] at places [n], int64."""
        return self._walk(places, forwards=True)

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """The places [n] at which values [n] are, int64."""
        return self._walk(values, forwards=False)

    def _walk(self, numbers: np.ndarray, forwards: bool) -> np.ndarray:
        found = self._once(np.asarray(numbers).astype(np.uint64), forwards)
        outside = np.flatnonzero(found >= self.count)
        while len(outside):
            found[outside] = self._once(found[outside], forwards)
            outside = outside[found[outside] >= self.count]
        return found.astype(np.int64)

    def _once(self, numbers: np.ndarray, forwards: bool) -> np.ndarray:
        left, right = numbers >> self._half, numbers & self._mask
        if forwards:
            for key in self._keys:
                left, right = right, left ^ (_mixed(right ^ key) & self._mask)
        else:
            for key in self._keys[::-1]:
                left, right = right ^ (_mixed(left ^ key) & self._mask), left
        return (left << self._half) | right


def _mixed(words: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64; products are taken modulo 2^64."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
