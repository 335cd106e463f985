"""Standardisation."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError
from ..precision import constant, default_float
from .mask import hidden_filled
from .moments import Moments

_AT_A_TIME = 1 << 20  # numbers, so that their copies in float64 take little memory


@dataclass(frozen=True)
class Scale:
    """x ↦ (x - mean) / std for each feature, learned from the training split."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, seen: np.ndarray | None = None) -> "Scale":
        """The scale of values [..., features]; a `constant` feature is only shifted.

        `seen`, of the same shape, says which values are observed: the others change no bit. A
        feature of which none is stays as it is. None for all.

        Raises `DataError` where the values are too large for their deviation to be a number.
        """
        flat = values.reshape(-1, values.shape[-1])
        shown = None if seen is None or seen.all() else seen.reshape(flat.shape)
        if shown is not None:
            values = flat = hidden_filled(flat, shown)
        mean, std = _moments(flat) if shown is None else _moments_seen(flat, shown)
        ends = np.stack([flat.min(axis=0), flat.max(axis=0)])
        return cls._of(mean, std, ends, constant(values))

    @classmethod
    def of_moments(cls, moments: Moments, dtype: np.dtype) -> "Scale":
        """The scale of values of a type that were seen some at a time, as `of` makes it.

        Raises `DataError` where the values are too large for their deviation to be a number.
        """
        ends = moments.range.astype(dtype)
        return cls._of(moments.mean, moments.deviation, ends, constant(ends))

    @classmethod
    def _of(cls, mean: np.ndarray, std: np.ndarray, ends: np.ndarray, same: np.ndarray) -> "Scale":
        """The scale of features from `ends[0]` to `ends[1]`, of which some are the `same`."""
        std = np.where(same | (std == 0), 1.0, std)
        for feature in np.flatnonzero(~np.isfinite(std)):
            largest = np.abs(ends[:, feature].astype(np.float64)).max()
            raise DataError(
                f"Feature {feature} holds numbers up to {largest:g}, whose standard deviation "
                "overflows: give it in another unit."
            )
        # The mean of equal numbers is not always one of them, nor their deviation 0.
        return cls(np.where(ends[0] == ends[1], ends[0], mean), std)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The standardised values, in the default floating type."""
        values = np.asarray(values)
        scaled = np.empty(np.broadcast_shapes(values.shape, self.mean.shape), default_float())
        # Some rows at a time: float64 of all would be the most memory that reading data takes.
        rows = max(1, _AT_A_TIME // max(1, math.prod(scaled.shape[1:])))
        for begin in range(0, len(scaled), rows):
            part = values[begin : begin + rows]
            scaled[begin : begin + rows] = (part - self.mean) / self.std
        return scaled

    def invert(self, values: np.ndarray) -> np.ndarray:
        """The values in their original unit."""
        return values * self.std + self.mean

    def log_volume(self, shape: tuple[int, ...]) -> float:
        """log |det dz/dx| of `apply` on one example of a shape, whose last axis is the features."""
        return -float(np.log(np.broadcast_to(self.std, shape)).sum())

    def to_json(self) -> dict[str, Any]:
        """JSON values; a float64 comes back from its shortest decimal to the last bit."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def or_none(cls, values: Mapping[str, Any] | None) -> "Scale | None":
        """`from_json`; None for None."""
        return None if values is None else cls.from_json(values)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Scale":
        """What `to_json` wrote."""
        return cls(np.array(values["mean"], np.float64), np.array(values["std"], np.float64))


def _moments_seen(flat: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of those of the features [N, features] that are seen."""
    some = seen.any(axis=1)  # a sum of more zeros may be rounded in another order
    flat, seen = flat[some], seen[some]
    counts = np.maximum(seen.sum(axis=0), 1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.where(seen, flat, 0).sum(axis=0, dtype=np.float64) / counts
        squares = np.where(seen, flat - mean, 0) ** 2
        return mean, np.sqrt(squares.sum(axis=0, dtype=np.float64) / counts)


def _moments(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of features [N, features] in float64, some at a time."""
    count, features = flat.shape
    begins = list(range(0, features, max(2, _AT_A_TIME // count)))
    if features - begins[-1] == 1 and len(begins) > 1:
        begins.pop()  # a feature alone is summed in another order than one of several
    mean, std = np.empty(features), np.empty(features)
    for begin, end in itertools.pairwise([*begins, features]):
        part = flat[:, begin:end].astype(np.float64, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            mean[begin:end], std[begin:end] = part.mean(axis=0), part.std(axis=0)
    return mean, std
