"""Heat that spreads along a rod or a ring."""

import numpy as np

from ....dynamics.pde import Boundary, Grid
from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from .made import field_data

WAVES = 5


@register_dataset("heat", kind="series", tasks=("trajectory",))
def heat(
    *,
    n: Size = 50,
    points: Size = 32,
    length: Size = 21,
    duration: PositiveFloat = 1.0,
    viscosity: PositiveFloat = 0.02,
    boundary: Boundary = "periodic",
    noise: NonNegativeFloat = 0.0,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Heat on a ring, or on a rod whose ends are kept at 0 (trajectory).

    u_t = ν u_xx on [0, 1], from five waves of random sizes: the exact values at the points of the
    grid, since each wave of a wavenumber k falls as exp(-ν k² t).

    Args:
        n: number of fields
        points: of the grid, which are the channels
        length: times of each
        duration: time up to which they are observed
        viscosity: ν, the conductivity
        boundary: periodic, a ring; or dirichlet, a rod
        noise: standard deviation of what is added to the values
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the waves and noise
    """
    rng = np.random.default_rng(seed)
    x = Grid((points,), (1.0,), boundary).coordinates(0)
    t = np.linspace(0.0, duration, length)
    turn = 2 * np.pi if boundary == "periodic" else np.pi
    k = turn * np.arange(1, WAVES + 1)
    sizes = rng.standard_normal((n, 1, WAVES)) / np.arange(1, WAVES + 1)
    shift = rng.uniform(0, 2 * np.pi, (n, WAVES, 1)) * (boundary == "periodic")
    waves = np.sin(k[:, None] * x + shift)
    u = (sizes * np.exp(-viscosity * k**2 * t[:, None])) @ waves
    return field_data(t, u, noise=noise, horizon=horizon, seed=seed)
