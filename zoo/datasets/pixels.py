"""Splits whose images stay bytes until they are asked for, or until they are on the device."""

import weakref
from collections.abc import Iterator, Mapping

import numpy as np

from .raw import Arrays


class PixelSplit(Mapping[str, np.ndarray]):
    """Named arrays of a split, of which `x` is kept as bytes, a quarter of the memory of float32.

    `split["x"]` is what a model takes, made by looking every byte up, and made anew where nobody
    holds it any more. `stored` has the bytes themselves, for a device that looks them up.

    Args:
        stored: the arrays, `x` as uint8 [N, height, width, channels].
        table: the number that a model takes in the place of each byte, [256, channels].
    """

    def __init__(self, stored: Arrays, table: np.ndarray) -> None:
        self.stored, self.table = dict(stored), table
        self._made: weakref.ref[np.ndarray] | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        if name != "x":
            return self.stored[name]
        made = None if self._made is None else self._made()
        if made is None:
            made = looked_up(self.table, self.stored["x"])
            self._made = weakref.ref(made)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)


def looked_up(table: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """The numbers that a table [256, channels] has for bytes [..., channels]."""
    return np.stack([table[:, c][pixels[..., c]] for c in range(table.shape[1])], axis=-1)


def stored_arrays(split: Arrays) -> Arrays:
    """The arrays of a split as they are kept: bytes where `x` is kept so."""
    return split.stored if isinstance(split, PixelSplit) else split


def table_of(split: Arrays) -> np.ndarray | None:
    """The table by which bytes of a split become a model's numbers; None where `x` is none."""
    return split.table if isinstance(split, PixelSplit) else None


def count_of(split: Arrays) -> int:
    """How many examples a split has."""
    return len(stored_arrays(split)["x"])
