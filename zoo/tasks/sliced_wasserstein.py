"""How far two samples lie apart, by their projections on lines."""

import math

import numpy as np

from ..errors import ConfigError, DataError


def sliced_wasserstein(
    xs: np.ndarray, ys: np.ndarray, *, projections: int = 256, seed: int = 0
) -> float:
    """The sliced 2-Wasserstein distance of samples xs [N, ...] and ys [M, ...], in their unit.

    The square root of the mean of W2² of both samples projected on directions, which are drawn
    evenly from the unit sphere by `seed`, and so the same for all samples of one shape. On a line
    W2² = ∫ (F⁻¹(u) - G⁻¹(u))² du of the quantile functions, which are steps: the sum is exact for
    samples of unequal size. Bonneel, Rabin, Peyré and Pfister 2015, "Sliced and Radon Wasserstein
    barycenters of measures". (SciPy has W1 on a line alone; POT, which has this, is not needed for
    it.)

    Two samples of one density are not 0 apart: compare with the distance of two real samples of the
    same sizes, such as test against training rows.

    Raises `DataError` for samples of different shapes, without rows or with numbers that are not
    finite, and `ConfigError` for fewer than one projection.
    """
    if projections < 1:
        raise ConfigError(f"projections = {projections}: expected 1 direction or more.")
    if xs.shape[1:] != ys.shape[1:] or not xs.size or not ys.size:
        raise DataError(
            f"The samples have shapes {xs.shape} and {ys.shape}: expected (N, ...) and (M, ...) of "
            "the same numbers, with rows in both."
        )
    flat = [_rows(name, each) for name, each in (("first", xs), ("second", ys))]
    directions = np.random.default_rng(seed).standard_normal((flat[0].shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    first, second = (np.sort(each @ directions, axis=0) for each in flat)
    ends = _quantiles(len(first), len(second))
    widths = np.diff(ends, prepend=0.0)
    middles = ends - widths / 2
    rows = [(middles * len(each)).astype(np.int64) for each in (first, second)]
    squares = (first[rows[0]] - second[rows[1]]) ** 2
    return math.sqrt(float((widths @ squares).mean()))


def _rows(name: str, sample: np.ndarray) -> np.ndarray:
    """A sample as rows of float64. Raises `DataError` for rows that are not finite."""
    flat = sample.reshape(len(sample), -1).astype(np.float64)
    bad = ~np.isfinite(flat).all(axis=1)
    if bad.any():
        raise DataError(
            f"{bad.sum():,} of the {len(flat):,} rows of the {name} sample are not finite, the "
            f"first in place {bad.argmax()}: expected numbers. Leave out rows that were not "
            "solved, and say how many."
        )
    return flat


def _quantiles(n: int, m: int) -> np.ndarray:
    """The ends of all steps of the quantile functions of n and m numbers, ascending, up to 1."""
    return np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n) / (n * m)
