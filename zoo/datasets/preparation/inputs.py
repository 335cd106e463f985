"""Inputs before the split: what can learn from training rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from .base import Preparation

RawArrays: TypeAlias = Mapping[str, np.ndarray]
"""Named arrays [N, ...] in the user's units."""


@runtime_checkable
class Inputs(Protocol):
    """The inputs of a data set, of which a part is learned once the training rows are known."""

    def __len__(self) -> int:
        """How many examples there are."""

    def learn(self, rows: np.ndarray, standardise: bool) -> "Preparation":
        """What the training rows (indices) teach.

        Args:
            rows: the indices of the training rows. No other row may be looked at.
            standardise: whether inputs get mean 0 and deviation 1.
        """


@runtime_checkable
class SplittingInputs(Inputs, Protocol):
    """Inputs that decide on their own split, such as one by time."""

    def split(self, split: str, seed: int) -> list[np.ndarray]:
        """The indices of the training, validation and test examples.

        Arguments and errors are those of `zoo.datasets.splits.split_indices`.
        """
