"""Standardisation."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError
from ..precision import constant, default_float

_AT_A_TIME = 1 << 20  # numbers, so that their copies in float64 take little memory


@dataclass(frozen=True)
class Scale:
    """x ↦ (x - mean) / std for each feature, learned from the training split."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "Scale":
        """The scale of values [..., features]; a `constant` feature is only shifted.

        Raises `DataError` where the values are too large for their deviation to be a number.
        """
        flat = values.reshape(-1, values.shape[-1])
        mean, std = _moments(flat)
        std = np.where(constant(values) | (std == 0), 1.0, std)
        for feature in np.flatnonzero(~np.isfinite(std)):
            largest = np.abs(flat[:, feature].astype(np.float64)).max()
            raise DataError(
                f"Feature {feature} holds numbers up to {largest:g}, whose standard deviation "
                "overflows: give it in another unit."
            )
        # The mean of equal numbers is not always one of them, nor their deviation 0.
        return cls(np.where(flat.min(axis=0) == flat.max(axis=0), flat[0], mean), std)

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
    def from_json(cls, values: Mapping[str, Any]) -> "Scale":
        """What `to_json` wrote."""
        return cls(np.array(values["mean"], np.float64), np.array(values["std"], np.float64))


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
