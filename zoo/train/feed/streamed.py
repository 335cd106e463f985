"""The batches of rows that stay on disk, read while the steps before are taken."""

import numpy as np
from jax.sharding import Mesh

from ...datasets.stream.split import StreamedSplit
from ...placement import by_device, own_places
from ...precision import cast_floats
from ..augmentation.arrival import PLACE
from ..chunk import CHUNK
from .base import AbstractFeed, Fed
from .batches import Batches
from .reading_ahead import ReadingAhead

_CHUNK_BYTES = 32 << 20
"""Bytes of the rows of a chunk that a device is handed; as many are read ahead."""


class StreamedFeed(AbstractFeed):
    """The rows of the next steps, read from disk in a thread: of each batch those that the devices
    of this process take.

    Batches are taken in the order of their steps, so that what is read ahead is always wanted.
    """

    def __init__(
        self,
        split: StreamedSplit,
        batches: Batches,
        dtype: np.dtype | None,
        mesh: Mesh | None,
        steps: range,
        *,
        placed: bool,
    ) -> None:
        """`placed` says whether rows come with their places, by which they are augmented."""
        self._split, self._batches, self._dtype, self._mesh = split, batches, dtype, mesh
        self._placed, self._own = placed, own_places(batches.places, mesh)
        self._devices = 1 if mesh is None else mesh.size
        self._each = batches.places // self._devices
        self.room = chunk_room(split, self._each)
        self._ahead = ReadingAhead(self._read, steps, self.room)

    def of_steps(self, start: int, stop: int) -> Fed:
        """What the steps are called with: on each device its own rows, one batch's behind the
        other's."""
        read = [self._ahead.take() for _ in range(start, stop)]
        rows = self.room * self._each
        data = {name: self._empty(values, rows) for name, values in read[0][0].items()}
        weights = np.zeros((CHUNK, self._batches.places), np.float32)
        places = np.zeros((CHUNK, self._batches.places), np.int64)
        for row, (arrays, place, weight) in enumerate(read):
            for name, values in arrays.items():
                shares = values.reshape(-1, self._each, *values.shape[1:])
                data[name][:, row * self._each : (row + 1) * self._each] = shares
            places[row], weights[row] = place, weight
        indices = np.arange(CHUNK * self._each, dtype=np.int32).reshape(CHUNK, -1) % rows
        on_devices = {name: by_device(values, self._mesh) for name, values in data.items()}
        return Fed(on_devices, np.tile(indices, self._devices), weights, places)

    def __exit__(self, *error: object) -> None:
        """End the thread that reads."""
        self._ahead.close()

    def _read(self, step: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """The own rows of a step, device by device; the places of all of it in the split, and
        their weights."""
        places, weights = self._batches.of_step(step)
        own = places[self._own]
        arrays = cast_floats(self._split.stored_rows(own), self._dtype)
        if self._placed:
            arrays[PLACE] = own.astype(np.uint32)
        return arrays, places, weights

    def _empty(self, like: np.ndarray, rows: int) -> np.ndarray:
        """Room for as many rows on each device of this process."""
        return np.zeros((len(self._own) // self._each, rows, *like.shape[1:]), like.dtype)


def chunk_room(split: StreamedSplit, each: int) -> int:
    """How many steps' rows of a split on disk are on a device at once, `each` of every step."""
    return max(1, min(CHUNK, _CHUNK_BYTES // max(1, each * split.row_bytes)))
