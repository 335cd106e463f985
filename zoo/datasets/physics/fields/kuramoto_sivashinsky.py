"""Flame fronts: chaos in space and time."""

import numpy as np

from ....dynamics.pde import (
    BurgersFlux,
    Diffusion,
    Grid,
    Hyperdiffusion,
    SemilinearMethodOfLines,
    Spectral,
)
from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from .made import factor_of, field_data, random_waves, solution

SETTLED = 100.0
"""After so long a start is on the attractor."""
STEP = 0.25


@register_dataset("kuramoto_sivashinsky", kind="series", tasks=("trajectory",))
def kuramoto_sivashinsky(
    *,
    n: Size = 16,
    points: Size = 32,
    fine: Size = 64,
    length: Size = 51,
    duration: PositiveFloat = 25.0,
    period: PositiveFloat = 22.0,
    noise: NonNegativeFloat = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Fronts of Kuramoto and Sivashinsky's equation, chaotic (trajectory).

    u_t = -(u²/2)_x - u_xx - u_xxxx on [0, period), from starts that have settled on the attractor;
    at a period of 22, what is near moves apart as exp(0.05 t). Cvitanović et al. 2010, "On the
    state space geometry of the Kuramoto-Sivashinsky flow in a periodic domain". Solved in the
    Fourier modes of the fine grid by ETDRK4 in float64, steps of 1/4; the values at the points of
    the coarse grid.

    Args:
        n: number of fields
        points: of the coarse grid, which are the channels
        fine: points of the grid on which it is solved
        length: times of each
        duration: time up to which they are observed
        period: length of the ring
        noise: standard deviation of what is added to the values
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the starts and noise
    """
    factor = factor_of(fine, points)
    space = Spectral(Grid((fine,), (period,)))
    linear = (Diffusion(-1.0), Hyperdiffusion(1.0))
    field = SemilinearMethodOfLines(space, linear, (BurgersFlux(),))
    u0 = random_waves(np.random.default_rng(seed), n, fine, 3)
    t = np.linspace(0.0, duration, length)
    before = int(np.ceil(SETTLED / t[1]))
    u = solution(field, u0, t[1] * np.arange(before + length), step=STEP)[:, before:]
    return field_data(t, u[..., ::factor], noise=noise, horizon=horizon, seed=seed)
