"""Straight lines between observations."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..registry import register_control
from ..schema import PositiveInt
from .base import AbstractControl
from .neighbours import gaps
from .path import Path


class Linear(AbstractControl):
    """Between two observations of a channel a straight line.

    A channel stays at its first value before it, and at its last one after it. The slope jumps at
    the knots, where a solve has to stop.
    """

    smooth: ClassVar[bool] = False
    causal: ClassVar[bool] = False

    length: int = eqx.field(static=True)
    counts: bool = eqx.field(static=True, default=False)

    def through(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T C"],
        mask: Bool[Array, "B T C"],
    ) -> Path:
        """The broken line."""
        slope, values = straight(t, x, mask)
        return Path.of(t, [slope], values)


def straight(
    t: Float[Array, "B T"], x: Float[Array, "B T C"], mask: Bool[Array, "B T C"]
) -> tuple[Float[Array, "B pieces C"], Float[Array, "B pieces C"]]:
    """The slope of each piece between two times, and the value where it begins."""
    gap = gaps(t, x, mask)
    moved = gap.slope * (t[:, :-1, None] - gap.start)
    return gap.slope, jnp.where(gap.between, gap.value + moved, gap.resting)


@register_control("linear")
def linear(length: PositiveInt, *, counts: bool = False) -> Linear:
    """Straight lines between observations.

    Args:
        length: times of a series
        counts: whether the numbers of observations so far are channels
    """
    return Linear(length, counts)
