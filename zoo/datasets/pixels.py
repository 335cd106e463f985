"""Splits whose images stay bytes until they are asked for, or until they are on the device."""

import weakref
from collections.abc import Iterator

import numpy as np

from .kept_split import KeptSplit
from .raw import Arrays


class PixelSplit(KeptSplit):
    """Named arrays of a split, of which `x` is kept as bytes, a quarter of the memory of float32.

    `split["x"]` is what a model takes, made by looking every byte up, and made anew where nobody
    holds it any more. `stored` has the bytes themselves, for a device that looks them up.

    Args:
        stored: the arrays, `x` as uint8 [N, height, width, channels].
        table: the number that a model takes in the place of each byte, [256, channels].
    """

    table: np.ndarray

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

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.stored["x"])

    @property
    def like(self) -> dict[str, np.ndarray]:
        """The arrays without their images, as a model takes them."""
        return self.rows(np.zeros(0, np.int64))

    @property
    def stored_like(self) -> dict[str, np.ndarray]:
        """The arrays without their images, `x` as bytes."""
        return {name: values[:0] for name, values in self.stored.items()}

    def rows(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays of some images, as a model takes them."""
        rows = {name: values[places] for name, values in self.stored.items()}
        return {**rows, "x": looked_up(self.table, rows["x"])}


def looked_up(table: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """The numbers that a table [256, channels] has for bytes [..., channels]."""
    return np.stack([table[:, c][pixels[..., c]] for c in range(table.shape[1])], axis=-1)


def stored_arrays(split: Arrays) -> Arrays:
    """The arrays of a split as they are kept: bytes where `x` is kept so."""
    return split.stored if isinstance(split, PixelSplit) else split
