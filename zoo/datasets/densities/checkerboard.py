"""The black squares of a checkerboard."""

import math

import numpy as np

from ...registry import register_dataset
from ...schema import Seed, Size
from ..raw import RawData

_ROUNDING = 1e-5
"""How far outside a square a point may be that was on its edge before it became float32."""


@register_dataset("checkerboard", kind="table", tasks=("density",))
def checkerboard(*, n: Size = 2000, seed: Seed = 0) -> RawData:
    """Even over the eight black squares of a 4×4 board from -4 to 4 (density).

    x₁ ~ U[-4, 4), and x₂ even over the two squares of that column; Grathwohl et al. 2019, FFJORD.
    The density is 1/32 on a black square, so that its entropy is ln 32 = 3.466 nats.

    Args:
        n: number of points
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    first = rng.uniform(-4.0, 4.0, n)
    above = 2 * (np.floor(first / 2) % 2) + 4 * rng.integers(2, size=n) - 4
    x = np.stack([first, above + rng.uniform(0.0, 2.0, n)], axis=1)
    return RawData({"x": x}, ("density",), log_density=log_density)


def log_density(xs: np.ndarray) -> np.ndarray:
    """-ln 32 on a black square or its edge, -∞ elsewhere, of points [N, 2], [N]."""
    corners = [xs + _ROUNDING * np.array([i, j]) for i in (-1, 1) for j in (-1, 1)]
    return np.where(np.any([_is_black(each) for each in corners], axis=0), -math.log(32), -np.inf)


def _is_black(xs: np.ndarray) -> np.ndarray:
    column, row = np.floor(xs / 2).T
    return ((column + row) % 2 == 0) & (np.abs(xs) <= 4).all(axis=1)
