"""The one pass over a file before a run: what its rows teach, and whether they can be used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import DataError
from ..moments import Moments
from .rows import SplitRows
from .source import RowSource

SUMMED = ("x", "y")
"""The arrays whose means and deviations are learned, where they hold numbers."""


@dataclass(frozen=True)
class Summary:
    """What was seen of a file: of its training rows, and of all of them."""

    train: dict[str, Moments]
    """Of the training rows, by array."""
    every: dict[str, np.ndarray]
    """The least and the largest number of each feature in all rows, [2, features], by array."""
    counts: np.ndarray
    """Rows of each class in each of the three parts, [3, classes]; [3, 0] without classes."""


def summarise(
    source: RowSource, parts: Sequence[SplitRows], labels: np.ndarray | None, classes: int
) -> Summary:
    """Read a file once, block by block in its own order.

    Args:
        source: the file.
        parts: which rows are for training, validation and test.
        labels: the class of every row, indices; None without classes.
        classes: how many there are.

    Raises `DataError` for a number that is not finite, with its row, and for a weight below 0.
    """
    names = [name for name, values in source.like.items() if values.dtype.kind in "biuf"]
    train: dict[str, Moments] = {}
    every: dict[str, np.ndarray] = {}
    counts = np.zeros((len(parts), classes), np.int64)
    for begin, block in source.blocks(names):
        end = begin + len(block["x"])
        held = [part.holds(begin, end) for part in parts]
        for name, values in block.items():
            _check_block(name, values, begin)
            if name in SUMMED and (name == "x" or labels is None):
                columns = values if values.ndim > 1 else values[:, None]
                every[name] = _joined(columns, every.get(name))
                if held[0].any():
                    train[name] = Moments.of(columns[held[0]], train.get(name))
        if labels is not None:
            for place, mine in enumerate(held):
                counts[place] += np.bincount(labels[begin:end][mine], minlength=classes)
    return Summary(train, every, counts)


def _joined(values: np.ndarray, known: np.ndarray | None) -> np.ndarray:
    """The least and the largest number of each feature, of values and of those `known`."""
    flat = values.reshape(-1, values.shape[-1])
    ends = np.stack([flat.min(axis=0), flat.max(axis=0)])
    if known is None:
        return ends
    return np.stack([np.minimum(ends[0], known[0]), np.maximum(ends[1], known[1])])


def _check_block(name: str, values: np.ndarray, begin: int) -> None:
    """Raise `DataError` for the first number of a block that cannot be used."""
    wrong = ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros((), bool)
    if wrong.any():
        row, *rest = (int(i) for i in np.argwhere(wrong)[0])
        raise DataError(
            f"{name}{[begin + row, *rest]} is {values[(row, *rest)]}: expected finite numbers. "
            "Drop the row, or fill the value in, before the file is written."
        )
    if name == "weight" and values.size and values.min() < 0:
        row = int(np.argmax(values < 0))
        raise DataError(
            f"weight[{begin + row}] is {values[row]}: expected 0 or more, how much an example "
            "counts beside the others. Give 0 to leave one out."
        )
