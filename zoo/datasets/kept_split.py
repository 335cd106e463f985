"""A split that is kept otherwise than as arrays of a model's numbers, and what all splits offer."""

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from .raw import Arrays


class KeptSplit(Mapping[str, np.ndarray]):
    """Named arrays of a split that are made when they are asked for.

    `split[name]` is a whole array as a model takes it. Whoever needs some rows alone asks for
    them: `rows_of(split, places)`.
    """

    table: np.ndarray | None
    """The number for each byte of `x`, [256, channels], of a split of bytes; None of others."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many examples there are."""

    @property
    @abstractmethod
    def like(self) -> dict[str, np.ndarray]:
        """The arrays without their examples, [0, ...], as a model takes them."""

    @property
    @abstractmethod
    def stored_like(self) -> dict[str, np.ndarray]:
        """The arrays without their examples, as they are kept: bytes where `x` is kept so."""

    @abstractmethod
    def rows(self, places: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays of some examples, as a model takes them."""

    def __contains__(self, name: object) -> bool:
        return name in list(self)  # a mapping would make the array to see whether it is there


def count_of(split: Arrays) -> int:
    """How many examples a split has."""
    return split.count if isinstance(split, KeptSplit) else len(split["x"])


def rows_of(split: Arrays, places: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of the examples at `places` [n] of a split, as a model takes them."""
    if isinstance(split, KeptSplit):
        return split.rows(places)
    return {name: values[places] for name, values in split.items()}


def like_of(split: Arrays) -> dict[str, np.ndarray]:
    """The arrays of a split without their examples, [0, ...]: their types and shapes."""
    if isinstance(split, KeptSplit):
        return split.like
    return {name: values[:0] for name, values in split.items()}


def table_of(split: Arrays) -> np.ndarray | None:
    """The table by which bytes of a split become a model's numbers; None where `x` is none."""
    return split.table if isinstance(split, KeptSplit) else None
