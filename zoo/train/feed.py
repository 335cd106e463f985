"""What the compiled steps are handed: arrays on the device, and which rows of them each step sees.

Data in memory lie on the device as a whole, once; of data on disk the rows of a chunk do, read
while the chunk before is trained on. The compiled step cannot tell the one from the other.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from ..datasets.base import Arrays
from ..datasets.kept_split import count_of
from ..datasets.pixels import stored_arrays
from ..datasets.stream.split import StreamedSplit
from ..precision import cast_floats
from .arrival import PLACE, Arrival
from .batches import Batches
from .chunk import CHUNK
from .reading_ahead import ReadingAhead

_CHUNK_BYTES = 32 << 20
"""Bytes of the rows of a chunk that are read from disk; as many are read ahead."""


@dataclass(frozen=True)
class Fed:
    """What `run_chunk` is called with for some steps, and what the host keeps of it."""

    data: dict[str, Array]
    indices: Array
    """Rows of `data` that each step sees, [CHUNK, B]."""
    weights: Array
    """[CHUNK, B], 0 for padding."""
    places: np.ndarray
    """The same rows by their places in the training split, [CHUNK, B]."""
    examples: np.ndarray
    """How many examples of each batch count, [CHUNK]: neither padding nor of weight zero."""


class AbstractFeed(ABC):
    """The batches of a run, a chunk of steps at a time: `with feed_of(...) as feed`."""

    room = CHUNK
    """The most steps that are handed over at once."""

    @abstractmethod
    def of_steps(self, start: int, stop: int) -> Fed:
        """What steps `start` to `stop`, at most `room` of them, are called with."""

    def __enter__(self) -> "AbstractFeed":
        return self

    @abstractmethod
    def __exit__(self, *error: object) -> None:
        """End whatever reads ahead."""


class WholeFeed(AbstractFeed):
    """All training examples on the device, of which a step takes its rows."""

    def __init__(self, split: Arrays, batches: Batches, dtype: np.dtype | None) -> None:
        arrays = cast_floats(dict(stored_arrays(split)), dtype)
        self._data = {name: jnp.asarray(values) for name, values in arrays.items()}
        self._batches = batches
        self._counting = split["weight"] > 0 if "weight" in split else None

    def of_steps(self, start: int, stop: int) -> Fed:
        """What the steps are called with: the whole split, and their rows of it."""
        places, weights = self._batches.of_steps(start, stop, CHUNK)
        real = weights > 0
        real = real if self._counting is None else real & self._counting[places]
        rows = jnp.asarray(places), jnp.asarray(weights)
        return Fed(self._data, *rows, places, real.sum(axis=1))

    def __exit__(self, *error: object) -> None:
        """Nothing is to be ended."""


class StreamedFeed(AbstractFeed):
    """The rows of the next steps, read from disk in a thread.

    Batches are taken in the order of their steps, so that what is read ahead is always wanted.
    """

    def __init__(
        self,
        split: StreamedSplit,
        batches: Batches,
        dtype: np.dtype | None,
        steps: range,
        batch_size: int,
        *,
        placed: bool,
    ) -> None:
        """`placed` says whether rows come with their places, by which they are augmented."""
        self._split, self._batches, self._dtype = split, batches, dtype
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
        on_device = {name: jnp.asarray(values) for name, values in data.items()}
        there = jnp.asarray(indices), jnp.asarray(weights)
        return Fed(on_device, *there, places, real.sum(axis=1))

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


def feed_of(
    split: Arrays,
    steps: range,
    batch_size: int,
    key: PRNGKeyArray,
    dtype: np.dtype | None,
    arrival: Arrival | None,
) -> AbstractFeed:
    """The feed of a run.

    Args:
        split: the training examples.
        steps: that are left to take.
        batch_size: examples of a step.
        key: decides which.
        dtype: the model's floating type; None leaves arrays as they are.
        arrival: what becomes of a batch on the device.
    """
    if not isinstance(split, StreamedSplit):
        return WholeFeed(split, Batches(count_of(split), batch_size, key), dtype)
    groups, window = split.part.groups, split.source.window
    batches = Batches(split.count, batch_size, key, groups, window)
    placed = _placed(arrival)
    return StreamedFeed(split, batches, dtype, steps, batch_size, placed=placed)


def fed_shapes(
    split: Arrays, batch_size: int, dtype: np.dtype | None, arrival: Arrival | None
) -> dict[str, jax.ShapeDtypeStruct]:
    """The types of `Fed.data`, before anything is read."""
    if not isinstance(split, StreamedSplit):
        return shapes_of(stored_arrays(split), count_of(split), dtype)
    count = chunk_room(split, batch_size) * batch_size
    like = split.stored_like
    like |= {PLACE: np.zeros(0, np.uint32)} if _placed(arrival) else {}
    return shapes_of(like, count, dtype)


def chunk_room(split: StreamedSplit, batch_size: int) -> int:
    """How many steps' rows of a split on disk are on the device at once."""
    return max(1, min(CHUNK, _CHUNK_BYTES // max(1, batch_size * split.row_bytes)))


def shapes_of(
    arrays: Arrays, count: int, dtype: np.dtype | None
) -> dict[str, jax.ShapeDtypeStruct]:
    """As many examples, as types alone; floats of the model's type."""
    like = cast_floats({name: values[:0] for name, values in arrays.items()}, dtype)
    return {
        name: jax.ShapeDtypeStruct(
            (count, *values.shape[1:]), jax.dtypes.canonicalize_dtype(values.dtype)
        )
        for name, values in like.items()
    }


def _placed(arrival: Arrival | None) -> bool:
    return arrival is not None and arrival.augmentation is not None


def _zeros_like(values: np.ndarray, rows: int) -> np.ndarray:
    return np.zeros((rows, *values.shape[1:]), values.dtype)
