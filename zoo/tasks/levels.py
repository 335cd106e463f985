"""What is known of the levels that the numbers of an input take, for a task of densities."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Levels:
    """Which numbers of an input take levels, in the model's units.

    `zoo.datasets.levels` finds them in the training rows. Each array is [in_size], flat.
    """

    quanta: np.ndarray
    """The spacing of the levels; 0 of a number that is continuous."""
    uneven: np.ndarray
    """Whether a number takes few values, or one of them often, and they are no multiples of one
    step: it has no density, and noise of no width gives it one."""
    constant: np.ndarray
    """Whether a number is the same in all training rows, and its levels are not known."""
    shared: float | None = None
    """The spacing in the user's units that all numbers have, where the data set says it."""

    @property
    def everywhere(self) -> bool:
        """Whether all numbers take levels, so that a density counts bits."""
        return bool((self.quanta > 0).all())

    def sizes(self) -> dict[str, tuple[float, ...]]:
        """`quanta`, one for each number of an input or one for all; {} where none takes levels."""
        if not self.quanta.any():
            return {}
        same = self.quanta[:1] if (self.quanta == self.quanta[0]).all() else self.quanta
        return {"quanta": tuple(map(float, same))}
