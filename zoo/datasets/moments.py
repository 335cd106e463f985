"""Means and deviations in one pass, of values that come some at a time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """How many numbers of each feature were seen, and their mean, spread and range, in float64.

    Two are joined by the update of Chan, Golub and LeVeque 1983, "Algorithms for computing the
    sample variance", which loses no digit where a mean is large beside its deviation.
    """

    count: int
    mean: np.ndarray
    squares: np.ndarray
    """Σ (x - mean)² of each feature."""
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "Moments":
        """Those of values [..., features], of which there is at least one."""
        narrow = values.reshape(-1, values.shape[-1])
        low, high = narrow.min(axis=0), narrow.max(axis=0)
        flat = narrow.astype(np.float64, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = flat.mean(axis=0)
            squares = ((flat - mean) ** 2).sum(axis=0)
        return cls(len(flat), mean, squares, low.astype(np.float64), high.astype(np.float64))

    def then(self, other: "Moments | None") -> "Moments":
        """Those of the values of both."""
        if other is None:
            return self
        count = self.count + other.count
        with np.errstate(over="ignore", invalid="ignore"):
            apart = other.mean - self.mean
            mean = self.mean + apart * (other.count / count)
            between = apart**2 * (self.count * (other.count / count))
        return Moments(
            count,
            mean,
            self.squares + other.squares + between,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def deviation(self) -> np.ndarray:
        """The standard deviation of each feature, of all its numbers."""
        deviation: np.ndarray = np.sqrt(self.squares / self.count)
        return deviation

    @property
    def range(self) -> np.ndarray:
        """The least and the largest number of each feature, [2, features]."""
        return np.stack([self.low, self.high])
