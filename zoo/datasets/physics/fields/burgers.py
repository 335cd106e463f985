"""Fronts that form and are carried by themselves."""

import numpy as np

from ....dynamics.pde import BurgersFlux, Diffusion, Grid, SemilinearMethodOfLines, Spectral
from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from .made import cell_means, factor_of, field_data, random_waves, solution

WAVES = 3
FASTEST = 4.0
"""No initial field is larger: what the steps in time are by."""


@register_dataset("burgers", kind="series", tasks=("trajectory",))
def burgers(
    *,
    n: Size = 64,
    points: Size = 64,
    fine: Size = 256,
    length: Size = 26,
    duration: PositiveFloat = 0.5,
    viscosity: PositiveFloat = 0.008,
    noise: NonNegativeFloat = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Fronts of Burgers' equation on a coarse periodic grid, from a fine one (trajectory).

    u_t = -(u²/2)_x + ν u_xx on [0, 1), from random waves of length 1, 1/2 and 1/3. Solved in the
    Fourier modes of the fine grid by ETDRK4 in float64, to 1e-4 at the default viscosity; the
    values are means over the cells of the coarse grid.

    Args:
        n: number of fields
        points: of the coarse grid, which are the channels
        fine: points of the grid on which it is solved
        length: times of each
        duration: time up to which they are observed
        viscosity: ν
        noise: standard deviation of what is added to the values
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the initial waves and noise
    """
    factor_of(fine, points)
    space = Spectral(Grid((fine,), (1.0,)))
    field = SemilinearMethodOfLines(space, (Diffusion(viscosity),), (BurgersFlux(),))
    u0 = random_waves(np.random.default_rng(seed), n, fine, WAVES)
    t = np.linspace(0.0, duration, length)
    u = solution(field, u0, t, step=1 / (FASTEST * fine))
    return field_data(t, cell_means(u, points), noise=noise, horizon=horizon, seed=seed)
