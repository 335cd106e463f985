"""Paths that jump between two wells, stationary from the start."""

from typing import Annotated

import numpy as np

from ....registry import register_dataset
from ....schema import PositiveFloat, Range, Seed, Size
from ....tasks import PathLaw
from ...raw import RawData
from .even_times import even_times, on_grid

Length = Annotated[int, Range(2)]
LONGEST = 0.01
"""No step of Heun's method is longer."""
_POINTS = 20_001


@register_dataset("double_well", kind="paths", tasks=("paths",))
def double_well(
    *,
    n: Size = 5000,
    length: Length = 65,
    duration: PositiveFloat = 4.0,
    diffusion: PositiveFloat = 0.7,
    seed: Seed = 0,
) -> RawData:
    """A particle in two wells at -1 and 1, which noise kicks from one to the other (paths).

    dX = (X - X³) dt + diffusion dW, the gradient of the potential V = x⁴/4 - x²/2. The stationary
    density is proportional to exp(-2 V(x) / diffusion²) (Kramers 1940, "Brownian motion in a field
    of force"); the paths start from it, so that mean and deviation are known at all times, by
    quadrature. The autocovariance has no closed form. Between two times Heun's method, of weak
    order 2 where the noise is additive, takes equal steps of at most 0.01.

    Args:
        n: number of paths
        length: times of each, equally far apart
        duration: time up to which they are observed
        diffusion: size of the noise
        seed: of the paths
    """
    rng = np.random.default_rng(seed)
    t = even_times(length, duration)
    points, chances = stationary(diffusion)
    state = np.interp(rng.uniform(size=n), np.cumsum(chances) - chances / 2, points)
    gap = duration / (length - 1)
    fine = int(np.ceil(gap / LONGEST))
    step, x = gap / fine, [state]
    for _ in range(length - 1):
        for _ in range(fine):
            noise = diffusion * np.sqrt(step) * rng.standard_normal(n)
            ahead = state + step * force(state) + noise
            state = state + step * (force(state) + force(ahead)) / 2 + noise
        x.append(state)
    ones = np.ones((length, 1))
    law = PathLaw(0 * ones, stationary_sd(diffusion) * ones)
    return RawData(on_grid(t, np.stack(x, axis=1)), ("paths",), kind="paths", law=law)


def force(x: np.ndarray) -> np.ndarray:
    """The drift, -V'(x)."""
    return x - x**3


def stationary(diffusion: float) -> tuple[np.ndarray, np.ndarray]:
    """Points x [P], evenly apart, and the chances of the stationary law around them, [P]."""
    # Beyond it the exponent is below -40: as many nats less likely than between the wells.
    edge = np.sqrt(1 + np.sqrt(1 + 4 * 20 * diffusion**2)) + 1
    points = np.linspace(-edge, edge, _POINTS)
    chances = np.exp(-2 * (points**4 / 4 - points**2 / 2 + 0.25) / diffusion**2)
    return points, chances / chances.sum()


def stationary_sd(diffusion: float) -> float:
    """The standard deviation of the stationary law, by quadrature."""
    points, chances = stationary(diffusion)
    return float(np.sqrt(chances @ points**2))
