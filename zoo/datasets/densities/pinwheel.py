"""Arms that turn the further they reach."""

import numpy as np

from ...registry import register_dataset
from ...schema import NonNegativeFloat, PositiveFloat, Seed, Size
from ..raw import RawData


@register_dataset("pinwheel", kind="table", tasks=("density", "classification"))
def pinwheel(
    *,
    n: Size = 2000,
    arms: Size = 5,
    radial_std: PositiveFloat = 0.3,
    tangential_std: PositiveFloat = 0.1,
    rate: NonNegativeFloat = 0.25,
    seed: Seed = 0,
) -> RawData:
    """Gaussians along the arms of a wheel, turned by e^distance (density, classification).

    x = 2 R(φ) (a, b), a ~ N(1, radial_std²), b ~ N(0, tangential_std²), of an arm k drawn from all
    and the rotation R by φ = 2πk / arms + rate eᵃ; Johnson et al. 2016, "Composing graphical models
    with neural networks", as FFJORD has it. The class is the arm. The density has no closed form.

    Args:
        n: number of points
        arms: how many
        radial_std: standard deviation along an arm, before it is doubled
        tangential_std: standard deviation across it
        rate: how far an arm turns; 0 for straight ones
        seed: of the points
    """
    rng = np.random.default_rng(seed)
    along, across = rng.standard_normal((2, n)) * [[radial_std], [tangential_std]] + [[1.0], [0.0]]
    which = rng.integers(arms, size=n)
    angle = 2 * np.pi * which / arms + rate * np.exp(along)
    cos, sin = np.cos(angle), np.sin(angle)
    x = 2 * np.stack([cos * along - sin * across, sin * along + cos * across], axis=1)
    return RawData({"x": x, "y": which}, ("density", "classification"))
