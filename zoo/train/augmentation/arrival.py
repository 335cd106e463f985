"""What becomes of a batch on the device before a model sees it: bytes to numbers, augmentation."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ...datasets import Dataset
from ...datasets.kept_split import count_of, table_of
from ...datasets.stream.split import StreamedSplit
from ...precision import cast_floats
from ...types import Batch
from ..epochs import steps_per_epoch
from .base import AbstractAugmentation

PLACE = "place in the training split"
"""The array of rows read from disk that has their places [N] in the data."""
_STREAM = 0x696D6167  # its draws are others than those of a step with the same number


class Arrival(eqx.Module):
    """Turns rows of the training data, as they are kept, into the batch of a step."""

    table: Float[Array, "256 C"] | None
    """The number for each byte of an image; None where `x` holds numbers."""
    background: Float[Array, " C"] | None
    augmentation: AbstractAugmentation | None
    examples: int | None = eqx.field(static=True, default=None)
    """Of the training split, where a step is handed a part of it, read from disk."""

    def __call__(
        self,
        batch: Batch,
        index: Int[Array, " B"],
        count: int,
        step: Array,
        key: PRNGKeyArray,
        size: int | None = None,
    ) -> Batch:
        """The batch of a step as a model takes it.

        Args:
            batch: rows of the data, with their places where they were read from disk.
            index: their places in the data on the device.
            count: examples of the data on the device.
            step: its number, of which the epoch follows.
            key: of the run.
            size: examples of the whole batch, where this is a part of it.
        """
        x = jnp.asarray(batch["x"])
        if self.table is not None:
            channels = jnp.arange(self.table.shape[1])
            x = self.table[x.astype(jnp.int32), channels]
        places = jnp.asarray(batch.get(PLACE, index))
        batch = {**{name: values for name, values in batch.items() if name != PLACE}, "x": x}
        if self.augmentation is None:
            return batch
        epoch = step // steps_per_epoch(self.examples or count, size or len(index))
        epoch_key = jax.random.fold_in(jax.random.fold_in(key, _STREAM), epoch)
        keys = jax.vmap(lambda place: jax.random.fold_in(epoch_key, place))(places)
        return self.augmentation.drawn(batch, self.background, keys)


def arrival_of(
    data: Dataset, augmentation: AbstractAugmentation | None, dtype: np.dtype | None
) -> Arrival | None:
    """What the batches of a run go through, in a model's type; None where they stay as they are.

    Raises `ConfigError` for an augmentation that is not for these data.
    """
    if augmentation is not None:
        augmentation.check(data)
    table = table_of(data.train)
    if table is None and augmentation is None:
        return None
    background = None if augmentation is None else augmentation.background(data)
    numbers = _on_device(table, dtype), _on_device(background, dtype)
    read = isinstance(data.train, StreamedSplit)
    return Arrival(*numbers, augmentation, count_of(data.train) if read else None)


def _on_device(numbers: np.ndarray | None, dtype: np.dtype | None) -> Array | None:
    return None if numbers is None else jnp.asarray(cast_floats(numbers, dtype))
