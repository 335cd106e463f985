"""Paths of geometric Brownian motion, drawn from its exact law."""

from typing import Annotated

import numpy as np

from ....registry import register_dataset
from ....schema import PositiveFloat, Range, Seed, Size
from ....tasks import PathLaw
from ...raw import RawData
from .even_times import even_times, on_grid

Length = Annotated[int, Range(2)]


@register_dataset("geometric_brownian", kind="paths", tasks=("paths",))
def geometric_brownian(
    *,
    n: Size = 5000,
    length: Length = 65,
    duration: PositiveFloat = 1.0,
    drift: float = 0.3,
    volatility: PositiveFloat = 0.3,
    start: PositiveFloat = 1.0,
    seed: Seed = 0,
) -> RawData:
    """Geometric Brownian motion, the prices of Black and Scholes, of exactly known law (paths).

    dX = drift X dt + volatility X dW in Itô's calculus (Black and Scholes 1973, "The pricing of
    options and corporate liabilities"), drawn as start exp((drift - volatility²/2) t +
    volatility W(t)). All paths start at one value.

    Args:
        n: number of paths
        length: times of each, equally far apart
        duration: time up to which they are observed
        drift: growth of the mean, a unit of time
        volatility: size of the noise relative to the value
        start: first value
        seed: of the paths
    """
    rng = np.random.default_rng(seed)
    t = even_times(length, duration)
    motion = np.zeros((n, length))
    steps = np.sqrt(np.diff(t)) * rng.standard_normal((n, length - 1))
    motion[:, 1:] = np.cumsum(steps, axis=1)
    x = start * np.exp((drift - volatility**2 / 2) * t + volatility * motion)
    covariance = autocovariance(t, t, drift, volatility, start)
    law = PathLaw(
        mean(t, drift, start)[:, None],
        np.sqrt(np.diag(covariance))[:, None],
        covariance[..., None],
    )
    return RawData(on_grid(t, x), ("paths",), kind="paths", law=law)


def mean(t: np.ndarray, drift: float, start: float) -> np.ndarray:
    """E X(t), of the shape of t."""
    return start * np.exp(drift * t)


def autocovariance(
    s: np.ndarray, t: np.ndarray, drift: float, volatility: float, start: float
) -> np.ndarray:
    """Cov(X(s), X(t)) for times s [S] and t [T], [S, T].

    E X(s) E X(t) (e^{volatility² min(s, t)} - 1).
    """
    both = mean(s, drift, start)[:, None] * mean(t, drift, start)[None]
    return both * np.expm1(volatility**2 * np.minimum(s[:, None], t[None]))
