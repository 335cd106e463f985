"""The straight path between an example and a point of the base."""

import equinox as eqx
from jaxtyping import Array, Float

from ....registry import register_path
from ....schema import NonNegativeFloat
from .base import AbstractPath


class Linear(AbstractPath):
    """x_s = (1 - s) x + s z + sigma ε.

    Liu et al. 2023; Lipman et al. 2023 (their "OT" path); Tong et al. 2024, with sigma above 0. The
    flow then begins at data to which noise of deviation sigma was added, and log p is of these.
    """

    sigma: float = eqx.field(static=True, default=0.0)

    def weights(self, s: Float[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """1 - s and s."""
        return 1 - s, s


@register_path("linear")
def linear(*, sigma: NonNegativeFloat = 0.0) -> Linear:
    """A straight line at constant speed.

    Args:
        sigma: standard deviation of noise along the whole path
    """
    return Linear(sigma)
