"""Small made-up data: one dimension to see the fit, two to see the boundary."""

from typing import Literal

import numpy as np

from ..registry import register_dataset
from ..schema import Fraction, NonNegativeFloat, PositiveFloat, Seed, Size
from .raw import RawData


@register_dataset("cubic", kind="table", tasks=("regression",))
def cubic(*, n: Size = 100, noise: NonNegativeFloat = 0.0, seed: Seed = 0) -> RawData:
    """y = x³ + 0.1 x at equally spaced points of [-2, 2] (regression).

    Args:
        n: number of points
        noise: standard deviation of what is added to y
        seed: of the noise
    """
    x = np.linspace(-2.0, 2.0, n)[:, None]
    y = x**3 + 0.1 * x + noise * np.random.default_rng(seed).standard_normal(x.shape)
    return RawData({"x": x, "y": y}, ("regression",), ("y",))


@register_dataset("flip1d", kind="table", tasks=("regression",))
def flip1d(*, n: Size = 200) -> RawData:
    """y = -x at equally spaced points of [-1, 1]: no ODE in one dimension can do it (regression).

    Dupont et al. 2019, "Augmented Neural ODEs": the trajectories would have to cross. The best
    that a rising map can do is the mean of y, a mean squared error of 1 in standardised units.

    Args:
        n: number of points
    """
    x = np.linspace(-1.0, 1.0, n)[:, None]
    return RawData({"x": x, "y": -x}, ("regression",), ("y",))


@register_dataset("circles", kind="table", tasks=("classification", "density"))
def circles(
    *,
    n: Size = 3000,
    inner: Fraction = 1 / 3,
    targets: Literal["classes", "signs"] = "classes",
    wedge: NonNegativeFloat = 0.0,
    seed: Seed = 0,
) -> RawData:
    """A disc of radius 0.5 inside an annulus from 1 to 1.5 (classification).

    The concentric spheres of Dupont et al. 2019, drawn evenly by radius and angle: no ODE in the
    plane can pull the disc out of the annulus.

    Args:
        n: number of points
        inner: share of them in the disc
        targets: classes, or the numbers -1 in the disc and 1 outside (regression)
        wedge: angle from 0 whose points are the test split, in radians; 0 for a random split
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    outer = np.arange(n) >= round(inner * n)
    radius = np.where(outer, rng.uniform(1.0, 1.5, n), rng.uniform(0.0, 0.5, n))
    angle = rng.uniform(0.0, 2 * np.pi, n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    held_out = angle < wedge if wedge else None
    if targets == "signs":
        y = np.where(outer, 1.0, -1.0)[:, None]
        return RawData({"x": x, "y": y}, ("regression",), ("sign",), held_out=held_out)
    return RawData(
        {"x": x, "y": outer.astype(int)}, ("classification", "density"), held_out=held_out
    )


@register_dataset("spirals2d", kind="table", tasks=("classification", "density"))
def spirals2d(
    *,
    n: Size = 1000,
    turns: PositiveFloat = 1.5,
    noise: NonNegativeFloat = 0.02,
    seed: Seed = 0,
) -> RawData:
    """Two arms that wind around each other, from the middle to radius 1 (classification, density).

    Lang and Witbrock 1988, "Learning to Tell Two Spirals Apart"; points even in the square root of
    the angle, so that the arms are as dense outside as inside.

    Args:
        n: number of points
        turns: how often each arm winds around the middle
        noise: standard deviation of what is added to the points
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    second = np.arange(n) >= n // 2
    share = np.sqrt(rng.uniform(0.0, 1.0, n))
    angle = 2 * np.pi * turns * share + np.pi * second
    x = share[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x += noise * rng.standard_normal(x.shape)
    return RawData({"x": x, "y": second.astype(int)}, ("classification", "density"))


@register_dataset("moons", kind="table", tasks=("classification", "density"))
def moons(*, n: Size = 1000, noise: NonNegativeFloat = 0.1, seed: Seed = 0) -> RawData:
    """Two interleaved half circles (classification, density).

    Args:
        n: number of points
        noise: standard deviation of what is added to the points
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    lower = np.arange(n) >= n // 2
    angle = rng.uniform(0.0, np.pi, n)
    x = np.stack(
        [
            np.where(lower, 1 - np.cos(angle), np.cos(angle)),
            np.where(lower, 0.5 - np.sin(angle), np.sin(angle)),
        ],
        axis=1,
    )
    x += noise * rng.standard_normal(x.shape)
    return RawData({"x": x, "y": lower.astype(int)}, ("classification", "density"))
