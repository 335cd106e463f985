"""Spots and stripes that two substances make."""

import numpy as np

from ....dynamics.pde import Diffusion, GrayScott, Grid, SemilinearMethodOfLines, Spectral
from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from .made import factor_of, field_data, solution

SPREAD = (2e-5, 1e-5)
STEP = 1.0


@register_dataset("reaction_diffusion", kind="series", tasks=("trajectory",))
def reaction_diffusion(
    *,
    n: Size = 5,
    points: Size = 16,
    fine: Size = 64,
    length: Size = 11,
    duration: PositiveFloat = 200.0,
    width: PositiveFloat = 0.5,
    feed: PositiveFloat = 0.04,
    kill: PositiveFloat = 0.06,
    noise: NonNegativeFloat = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Spots and stripes of Gray and Scott's reaction on a square, periodic both ways (trajectory).

    a_t = 2e-5 ∇²a - a b² + feed (1 - a), b_t = 1e-5 ∇²b + a b² - (feed + kill) b, as in Pearson
    1993, "Complex Patterns in a Simple System", from b in some round blots. Solved in the Fourier
    modes of the fine grid by ETDRK4 in float64, steps of 1. The channels are a and b of each point
    in turn, the array [points, points, 2] row by row.

    Args:
        n: number of fields
        points: of a side of the coarse grid
        fine: points of a side of the grid on which it is solved
        length: times of each
        duration: time up to which they are observed
        width: length of a side of the square
        feed: rate at which a is fed and all is drained
        kill: rate at which b is removed beside that
        noise: standard deviation of what is added to the values
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the blots and noise
    """
    factor = factor_of(fine, points)
    grid = Grid((fine, fine), (width, width))
    field = SemilinearMethodOfLines(Spectral(grid), (Diffusion(SPREAD),), (GrayScott(feed, kill),))
    t = np.linspace(0.0, duration, length)
    u = solution(field, blots(np.random.default_rng(seed), n, grid), t, step=STEP)
    flat = u[:, :, ::factor, ::factor].reshape(n, length, -1)
    return field_data(t, flat, noise=noise, horizon=horizon, seed=seed)


def blots(rng: np.random.Generator, n: int, grid: Grid) -> np.ndarray:
    """Fields [n, *points, 2]: a = 1 and b = 0, but for three round blots of b."""
    x, y = np.meshgrid(*map(grid.coordinates, grid.axes), indexing="ij")
    width, b = grid.lengths[0], np.zeros((n, *x.shape))
    for place in rng.uniform(0, width, (3, n, 2)):
        away = [
            np.abs((each - at[:, None, None] + width / 2) % width - width / 2)
            for each, at in zip((x, y), place.T, strict=True)
        ]
        b += 0.4 * np.exp(-(away[0] ** 2 + away[1] ** 2) / (2 * 0.04**2))
    b = np.minimum(b, 0.5)
    return np.stack([1 - 2 * b * 0.5, b], axis=-1)
