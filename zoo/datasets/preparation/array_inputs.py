"""Inputs that are arrays, prepared by the kind of data that they are."""

from dataclasses import dataclass

import numpy as np

from ..spec import kind_of
from .base import preparation_of_kind
from .inputs import RawArrays
from .standardised import Standardised


@dataclass(frozen=True)
class ArrayInputs:
    """Inputs that are arrays: `x`, and perhaps its `mask` and times `t`.

    `kind` is that of the data; by the number of axes of `x` where None.
    """

    arrays: RawArrays
    kind: str | None = None

    def __len__(self) -> int:
        return len(self.arrays["x"])

    def learn(self, rows: np.ndarray, standardise: bool) -> Standardised:
        """What the training rows (indices) teach. Raises what `Standardised.learn` does."""
        made = standardised_of(self.kind or kind_of(self.arrays["x"].shape[1:]))
        return made.learn(self.arrays, rows, standardise)


def standardised_of(kind: str) -> type[Standardised]:
    """The class that prepares arrays of a kind of data."""
    made = preparation_of_kind({"table": "table", "image": "image"}.get(kind, "series"))
    assert issubclass(made, Standardised)
    return made
