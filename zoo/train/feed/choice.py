"""Which feed a run has, and the types of what it hands over, before anything is read."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from ...datasets.base import Arrays
from ...datasets.kept_split import count_of
from ...datasets.pixels import stored_arrays
from ...datasets.stream.split import StreamedSplit
from ...precision import cast_floats
from ..augmentation.arrival import PLACE, Arrival
from ..parts import Parts
from .base import AbstractFeed, WholeFeed
from .batches import Batches
from .streamed import StreamedFeed, chunk_room


def feed_of(
    split: Arrays,
    steps: range,
    batch_size: int,
    key: PRNGKeyArray,
    dtype: np.dtype | None,
    arrival: Arrival | None,
    parts: Parts | None,
) -> AbstractFeed:
    """The feed of a run.

    Args:
        split: the training examples.
        steps: that are left to take.
        batch_size: examples of a step.
        key: decides which.
        dtype: the model's floating type; None leaves arrays as they are.
        arrival: what becomes of a batch on the device.
        parts: how a batch is divided.
    """
    mesh = None if parts is None else parts.mesh
    groups, window = None, 1
    if isinstance(split, StreamedSplit):
        groups, window = split.part.groups, split.source.window
    places = None if parts is None else parts.size
    batches = Batches(count_of(split), batch_size, key, groups, window, places)
    if not isinstance(split, StreamedSplit):
        return WholeFeed(split, batches, dtype, mesh)
    return StreamedFeed(split, batches, dtype, mesh, steps, placed=_placed(arrival))


def fed_shapes(
    split: Arrays,
    batch_size: int,
    dtype: np.dtype | None,
    arrival: Arrival | None,
    parts: Parts | None,
) -> dict[str, jax.ShapeDtypeStruct]:
    """The types of `Fed.data`, before anything is read."""
    if not isinstance(split, StreamedSplit):
        return shapes_of(stored_arrays(split), count_of(split), dtype)
    size, devices = (batch_size, 1) if parts is None else (parts.size, parts.devices)
    count = chunk_room(split, size // devices) * size
    like = split.stored_like
    like |= {PLACE: np.zeros(0, np.uint32)} if _placed(arrival) else {}
    return shapes_of(like, count, dtype)


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
