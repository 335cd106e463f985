"""The place of a number among many, of which quantiles are kept."""

from collections.abc import Sequence

import numpy as np

MOST = 1001
"""Numbers that are kept: from 0 to 100 % in steps of a tenth."""


def quantiles(values: np.ndarray) -> list[float]:
    """All finite values [N] in ascending order; of more than `MOST` as many quantiles, the least
    and the largest among them, to 6 digits, which in a weight file take half of the room."""
    known = np.sort(values[np.isfinite(values)].astype(np.float64))
    if len(known) <= MOST:
        return [float(each) for each in known]
    return [float(f"{each:.6g}") for each in np.quantile(known, np.linspace(0.0, 1.0, MOST))]


def percentiles(values: np.ndarray, kept: Sequence[float]) -> np.ndarray:
    """The share in % of what `quantiles` kept that is below each value [N]; NaN for NaN."""
    below = np.searchsorted(np.sort(np.asarray(kept, np.float64)), values, side="left")
    return np.where(np.isnan(values), np.nan, 100.0 * below / len(kept))
