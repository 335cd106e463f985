"""What the compiled steps are handed: arrays on the device, and which rows of them each step sees.

Data in memory lie on the device as a whole, once; of data on disk the rows of a chunk do, read
while the chunk before is trained on. The compiled step cannot tell the one from the other.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import jax.numpy as jnp
import numpy as np

from ..datasets.base import Arrays
from ..datasets.pixels import stored_arrays
from ..precision import cast_floats
from ..types import Batch
from .batches import Batches
from .chunk import CHUNK

Put: TypeAlias = Callable[[Arrays], Batch]
"""Brings named arrays to the device."""


@dataclass(frozen=True)
class Fed:
    """What `run_chunk` is called with for some steps, and what the host keeps of it."""

    data: Batch
    """Arrays on the device."""
    indices: np.ndarray
    """Rows of `data` that each step sees, [CHUNK, B]."""
    weights: np.ndarray
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

    def __init__(self, split: Arrays, batches: Batches, dtype: np.dtype | None, put: Put) -> None:
        self._data = put(cast_floats(dict(stored_arrays(split)), dtype))
        self._batches = batches
        self._counting = split["weight"] > 0 if "weight" in split else None

    def of_steps(self, start: int, stop: int) -> Fed:
        """What the steps are called with: the whole split, and their rows of it."""
        places, weights = self._batches.of_steps(start, stop, CHUNK)
        real = weights > 0
        real = real if self._counting is None else real & self._counting[places]
        return Fed(self._data, places, weights, places, real.sum(axis=1))

    def __exit__(self, *error: object) -> None:
        """Nothing is to be ended."""


def on_device(arrays: Arrays) -> Batch:
    """Named arrays on the default device."""
    return {name: jnp.asarray(values) for name, values in arrays.items()}
