"""Standardisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataError
from ..precision import default_float


@dataclass(frozen=True)
class Scale:
    """x ↦ (x - mean) / std for each feature, learned from the training split."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "Scale":
        """The scale of values [..., features]; a constant feature is only shifted.

        Raises `DataError` where the values are too large for their deviation to be a number.
        """
        flat = values.reshape(-1, values.shape[-1]).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            mean, std = flat.mean(axis=0), flat.std(axis=0)
        for feature in np.flatnonzero(~np.isfinite(std)):
            largest = np.abs(flat[:, feature]).max()
            raise DataError(
                f"Feature {feature} holds numbers up to {largest:g}, whose standard deviation "
                "overflows: give it in another unit."
            )
        return cls(mean, np.where(std > 0, std, 1.0))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The standardised values, in the default floating type."""
        return ((values - self.mean) / self.std).astype(default_float())

    def invert(self, values: np.ndarray) -> np.ndarray:
        """The values in their original unit."""
        return values * self.std + self.mean

    def to_json(self) -> dict[str, Any]:
        """JSON values; a float64 comes back from its shortest decimal to the last bit."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Scale":
        """What `to_json` wrote."""
        return cls(np.array(values["mean"], np.float64), np.array(values["std"], np.float64))
