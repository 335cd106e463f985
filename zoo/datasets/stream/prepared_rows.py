"""Rows of a file as a model takes them: what `make_dataset` does to all rows, done to some."""

from dataclasses import dataclass

import numpy as np

from ..pixels import looked_up
from ..preparation import Preparation
from ..preparation.narrow import narrowed


@dataclass(frozen=True)
class RowPreparation:
    """Turns arrays of some rows, in the user's units, into those that a model takes.

    Each row becomes what it becomes in memory, whichever others are read with it.
    """

    learned: Preparation
    labels: np.ndarray | None
    """The classes in the order of their indices; None without classes."""
    table: np.ndarray | None
    """The number for each byte of `x`, see `Preparation.byte_table`; None where it has none."""

    def stored(self, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The arrays as they are kept on a device: images of bytes stay bytes."""
        arrays = dict(raw)
        if "y" in arrays and self.labels is not None:
            arrays["y"] = np.searchsorted(self.labels, arrays["y"])
        elif "y" in arrays:
            y = arrays["y"] if arrays["y"].ndim > 1 else arrays["y"][:, None]
            scale = self.learned.y_scale
            arrays["y"] = y if scale is None else scale.apply(y)
        if self.table is None and "x" in arrays:
            arrays |= self.learned.arrays({"x": arrays["x"]})
        kept = {"x"} if self.table is not None else set()
        return {n: values if n in kept else narrowed(n, values) for n, values in arrays.items()}

    def __call__(self, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The arrays as a model takes them."""
        arrays = self.stored(raw)
        if self.table is not None and "x" in arrays:
            arrays["x"] = looked_up(self.table, arrays["x"])
        return arrays
