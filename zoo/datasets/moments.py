"""Means and deviations in one pass, of values that come some at a time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """How many numbers of each feature were seen, and their mean, spread and range, in float64.

    Blocks are joined by the update of Chan, Golub and LeVeque 1983, "Algorithms for computing the
    sample variance". All is counted from the first row, so that no digit is lost where a mean is
    large beside its deviation.
    """

    count: int
    origin: np.ndarray
    """The first row, from which the mean is counted."""
    offset: np.ndarray
    """The mean less the origin."""
    squares: np.ndarray
    """Σ (x - mean)² of each feature."""
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, before: "Moments | None" = None) -> "Moments":
        """Those of values [..., features], at least one of each, and of the values `before`."""
        narrow = values.reshape(-1, values.shape[-1])
        ends = [each.astype(np.float64) for each in (narrow.min(axis=0), narrow.max(axis=0))]
        origin = narrow[0].astype(np.float64) if before is None else before.origin
        with np.errstate(over="ignore", invalid="ignore"):
            away = narrow - origin
            offset = away.mean(axis=0)
            away -= offset
            squares = np.square(away, out=away).sum(axis=0)
        found = cls(len(narrow), origin, offset, squares, *ends)
        return found if before is None else before._then(found)

    def _then(self, other: "Moments") -> "Moments":
        """Those of the values of both, which are counted from one origin."""
        count = self.count + other.count
        with np.errstate(over="ignore", invalid="ignore"):
            apart = other.offset - self.offset
            offset = self.offset + apart * (other.count / count)
            between = apart**2 * (self.count * (other.count / count))
        return Moments(
            count,
            self.origin,
            offset,
            self.squares + other.squares + between,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def mean(self) -> np.ndarray:
        """The mean of each feature."""
        return self.origin + self.offset

    @property
    def deviation(self) -> np.ndarray:
        """The standard deviation of each feature, of all its numbers."""
        deviation: np.ndarray = np.sqrt(self.squares / self.count)
        return deviation

    @property
    def range(self) -> np.ndarray:
        """The least and the largest number of each feature, [2, features]."""
        return np.stack([self.low, self.high])
