"""How many bytes the weights of a model take, and how many an example's evaluations read."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import PyTree

from ...models.base import AbstractModel
from ...models.matrices import is_matrix, weights_of
from ...types import AnyArray

Storage: TypeAlias = Callable[[AnyArray], float]
"""The bytes of a matrix or kernel as it is stored."""


def dense(matrix: AnyArray) -> float:
    """Every entry in its floating type."""
    return float(matrix.size * matrix.dtype.itemsize)


def sparse(matrix: AnyArray) -> float:
    """A bit for each place, and the entries that are not zero; `dense` where that is less."""
    kept = int(np.count_nonzero(matrix))
    return min(dense(matrix), matrix.size / 8 + kept * matrix.dtype.itemsize)


def quantised(bits: int) -> Storage:
    """Storage of integers of so many bits, and a step in the floating type for each channel."""

    def bytes_of(matrix: AnyArray) -> float:
        steps = matrix.shape[0] * matrix.dtype.itemsize
        return min(dense(matrix), matrix.size * bits / 8 + steps)

    return bytes_of


def weight_bytes(tree: PyTree, storage: Storage) -> float:
    """Of all floating arrays but those of a `Solver`: matrices as stored, the others `dense`."""
    arrays = weights_of(tree)
    return float(sum(storage(each) if is_matrix(each) else dense(each) for each in arrays))


def bytes_read(model: AbstractModel, storage: Storage, nfe: Sequence[float]) -> float | None:
    """The bytes of weights that one example reads: each weight once for each of its evaluations.

    As if it were alone and no cache held anything: what a device does that is bound by memory.

    Args:
        model: whose weights.
        storage: of its matrices.
        nfe: evaluations of each of its solves.

    None where the model does not say what is evaluated how often.
    """
    parts = model.repeated_parts(nfe)
    if parts is None:
        return None
    once = weight_bytes(model, storage)
    return once + sum((often - 1) * weight_bytes(part, storage) for part, often in parts)
