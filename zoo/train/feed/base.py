"""What the compiled steps are handed: arrays on the device, and which rows of them each step sees.

Data in memory lie on every device as a whole, once; of data on disk the rows of a chunk do, on each
device those of its own examples, read while the chunk before is trained on.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from ...datasets.base import Arrays
from ...datasets.pixels import stored_arrays
from ...placement import replicated
from ...precision import cast_floats
from ...types import Batch
from ..chunk import CHUNK
from .batches import Batches


@dataclass(frozen=True)
class Fed:
    """What `run_chunk` is called with for some steps, and what the host keeps of it."""

    data: Batch
    """Arrays on the device."""
    indices: np.ndarray
    """Rows of `data` that each step sees, [CHUNK, S]; of rows read from disk each device's own."""
    weights: np.ndarray
    """[CHUNK, S], 0 for padding."""
    places: np.ndarray
    """The same rows by their places in the training split, [CHUNK, S]."""


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

    def __init__(
        self, split: Arrays, batches: Batches, dtype: np.dtype | None, mesh: Mesh | None
    ) -> None:
        self._data = _on_devices(cast_floats(dict(stored_arrays(split)), dtype), mesh)
        self._batches = batches

    def of_steps(self, start: int, stop: int) -> Fed:
        """What the steps are called with: the whole split, and their rows of it."""
        places, weights = self._batches.of_steps(start, stop, CHUNK)
        return Fed(self._data, places, weights, places)

    def __exit__(self, *error: object) -> None:
        """Nothing is to be ended."""


def _on_devices(arrays: Arrays, mesh: Mesh | None) -> Batch:
    """Named arrays whole on each device."""
    if mesh is None:
        return {name: jnp.asarray(values) for name, values in arrays.items()}
    return replicated(dict(arrays), mesh)
