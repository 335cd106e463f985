"""Sinusoids of unlike frequencies."""

import numpy as np

from ....registry import register_dataset
from ....schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .times import Times, observation_times, with_noise

LOWEST, HIGHEST = 0.4, 0.8


@register_dataset("periodic", kind="series", tasks=("interpolation", "trajectory"))
def periodic(
    *,
    n: Size = 1000,
    length: Size = 100,
    duration: PositiveFloat = 5.0,
    noise: NonNegativeFloat = 0.01,
    times: Times = "irregular",
    drop: Share = 0.0,
    hide: Share = 0.5,
    horizon: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Sinusoids of equal amplitude and unlike frequencies, half of each hidden (interpolation).

    x(t) = start + sin(2π f t), with f drawn evenly between 0.4 and 0.8 and the start from
    N(1, 0.1²), for each series its own. The toy set of Rubanova et al. 2019, "Latent ODEs for
    Irregularly-Sampled Time Series", who observe 10 to 50 % of the times: hide=0.9 to hide=0.5.

    Args:
        n: number of series
        length: times of each
        duration: time up to which they are observed
        noise: standard deviation of what is added to the values
        times: irregular, drawn for each series, or regular, equally spaced
        drop: share of the times that are removed from each series
        hide: share of the times that the model is not shown (interpolation)
        horizon: how much of each series' end the model is not shown (forecasting)
        seed: of the frequencies, starts, times and noise
    """
    rng = np.random.default_rng(seed)
    t = observation_times(rng, n, length, duration, times)
    frequency = rng.uniform(LOWEST, HIGHEST, (n, 1))
    start = rng.normal(1.0, 0.1, (n, 1))
    x = (start + np.sin(2 * np.pi * frequency * t))[..., None]
    return series_data(
        {"t": t, "x": with_noise(rng, x, noise)},
        ("trajectory",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        seed=seed,
    )
