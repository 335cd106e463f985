"""The independent coupling: every example goes with its own draw."""

from typing import ClassVar

from jaxtyping import Array, Bool, Float

from ....registry import register_coupling
from .base import AbstractCoupling


class Independent(AbstractCoupling):
    """Data and base independent of one another (Lipman et al. 2023, "Flow Matching for Generative
    Modeling"; Liu et al. 2023, "Flow Straight and Fast")."""

    independent: ClassVar[bool] = True

    def pairs(
        self,
        states: Float[Array, "B ..."],
        zs: Float[Array, "B ..."],
        real: Bool[Array, " B"],
    ) -> Float[Array, "B ..."]:
        """The draws as they are."""
        return zs


@register_coupling("independent")
def independent() -> Independent:
    """Every example goes with a draw of its own."""
    return Independent()
