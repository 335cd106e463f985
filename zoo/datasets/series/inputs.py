"""Windows as inputs of a data set, which decide on their own split."""

from dataclasses import dataclass, field

import numpy as np

from ...errors import ConfigError
from ..preparation import SeriesInputs
from ..splits import percentages
from .windows import parts_of


@dataclass(frozen=True)
class WindowInputs(SeriesInputs):
    """Windows of series, whose training part comes first in time and whose test part last.

    `reach` and `tiles` are those of `Windows`.
    """

    reach: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    tiles: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))

    def split(self, split: str, seed: int) -> list[np.ndarray]:
        """The indices of the training, validation and test windows; the seed decides nothing.

        Raises `ConfigError` for a split that is none, and for one that leaves a part empty.
        """
        if split == "all":
            return [np.arange(len(self))] * 3
        cuts = np.cumsum(percentages(split)[:2]) / 100
        parts = parts_of(self.reach, self.tiles, cuts.tolist())
        for name, part in zip(("training", "validation", "test"), parts, strict=True):
            if not len(part):
                raise ConfigError(
                    f"split = {split!r} by time leaves no window for {name}: expected a part of "
                    "the longest series in which a horizon fits, and for training its context "
                    "too. Give another split, or a shorter horizon or context."
                )
        return parts
