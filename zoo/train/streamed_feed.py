"""The batches of rows that stay on disk, read while the steps before are taken."""

import numpy as np

from ..datasets.stream.split import StreamedSplit
from ..precision import cast_floats
from .arrival import PLACE
from .batches import Batches
from .chunk import CHUNK
from .feed import AbstractFeed, Fed, Put
from .reading_ahead import ReadingAhead

_CHUNK_BYTES = 32 << 20
"""Bytes of the rows of a chunk that are read from disk; as many are read ahead."""


class StreamedFeed(AbstractFeed):
    """The rows of the next steps, read from disk in a thread.

    Batches are taken in the order of their steps, so that what is read ahead is always wanted.
    """

    def __init__(
        self,
        split: StreamedSplit,
        batches: Batches,
        dtype: np.dtype | None,
        put: Put,
        steps: range,
        batch_size: int,
        *,
        placed: bool,
    ) -> None:
        """`placed` says whether rows come with their places, by which they are augmented."""
        self._split, self._batches, self._dtype, self._put = split, batches, dtype, put
        self._size, self._placed = batch_size, placed
        self.room = chunk_room(split, batch_size)
        self._ahead = ReadingAhead(self._read, steps, self.room)

    def of_steps(self, start: int, stop: int) -> Fed:
        """What the steps are called with: rows that were read, one batch behind the other."""
        read = [self._ahead.take() for _ in range(start, stop)]
        rows = self.room * self._size
        data = {name: _zeros_like(values, rows) for name, values in read[0][0].items()}
        weights = np.zeros((CHUNK, self._size), np.float32)
        places = np.zeros((CHUNK, self._size), np.int64)
        for row, (arrays, place, weight) in enumerate(read):
            for name, values in arrays.items():
                data[name][row * self._size : (row + 1) * self._size] = values
            places[row], weights[row] = place, weight
        indices = np.arange(CHUNK * self._size, dtype=np.int32).reshape(CHUNK, -1) % rows
        real = weights > 0
        if "weight" in data:
            real &= (data["weight"] > 0)[indices]
        return Fed(self._put(data), indices, weights, places, real.sum(axis=1))

    def __exit__(self, *error: object) -> None:
        """End the thread that reads."""
        self._ahead.close()

    def _read(self, step: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """The rows of a step, their places in the split, and their weights."""
        places, weights = self._batches.of_step(step)
        arrays = cast_floats(self._split.stored_rows(places), self._dtype)
        if self._placed:
            arrays[PLACE] = places.astype(np.uint32)
        return arrays, places, weights


def chunk_room(split: StreamedSplit, batch_size: int) -> int:
    """How many steps' rows of a split on disk are on the device at once."""
    return max(1, min(CHUNK, _CHUNK_BYTES // max(1, batch_size * split.row_bytes)))


def _zeros_like(values: np.ndarray, rows: int) -> np.ndarray:
    return np.zeros((rows, *values.shape[1:]), values.dtype)
