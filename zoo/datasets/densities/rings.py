"""Four rings around each other."""

import math
from functools import partial

import numpy as np

from ...registry import register_dataset
from ...schema import PositiveFloat, Seed, Size
from ..raw import RawData

RADII = 0.75 * np.arange(1.0, 5.0)


@register_dataset("rings", kind="table", tasks=("density", "classification"))
def rings(*, n: Size = 2000, noise: PositiveFloat = 0.08, seed: Seed = 0) -> RawData:
    """Four rings of radius 0.75, 1.5, 2.25 and 3, as many points in each (density, classification).

    x = r (cos θ, sin θ) + noise ε, of a radius r drawn from the four, an angle θ ~ U[0, 2π) and
    ε ~ N(0, 1); Grathwohl et al. 2019, FFJORD, where the angles are evenly spaced. The class is the
    ring.

    Args:
        n: number of points
        noise: standard deviation of what is added to the points
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    which, angle = rng.integers(len(RADII), size=n), rng.uniform(0.0, 2 * np.pi, n)
    x = RADII[which, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x += noise * rng.standard_normal((n, 2))
    tasks = ("density", "classification")
    return RawData({"x": x, "y": which}, tasks, log_density=partial(log_density, noise=noise))


def log_density(xs: np.ndarray, *, noise: float) -> np.ndarray:
    """log p(x) of points [N, 2], [N].

    A ring of radius r has ∫ N(x; r e^{iθ}, σ²) dθ / 2π = exp(-(ρ - r)² / 2σ²) I₀ₑ(ρ r / σ²) / 2πσ²
    at distance ρ from the middle, with the scaled Bessel function I₀ₑ(z) = exp(-z) I₀(z).
    """
    from scipy.special import i0e, logsumexp  # a tenth of the time that importing the zoo takes

    distance = np.hypot(*xs.T)[:, None]
    logs = -0.5 * ((distance - RADII) / noise) ** 2 + np.log(i0e(distance * RADII / noise**2))
    mixed: np.ndarray = logsumexp(logs, axis=1)
    return mixed - math.log(len(RADII) * 2 * math.pi * noise**2)
