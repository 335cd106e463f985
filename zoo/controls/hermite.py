"""Cubic Hermite splines with backward differences: smooth, and the default."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..registry import register_control
from ..schema import PositiveInt
from .base import AbstractControl
from .neighbours import gaps
from .path import Path


class Hermite(AbstractControl):
    """Between two observations of a channel a cubic, whose slope at each is that of the chord that
    ends there, at the first one that of the chord which begins there.

    Morrill et al. 2022, "On the Choice of Interpolation Scheme for Neural CDEs": smooth, and what
    is observed changes the path no earlier than from the observation before it on. A channel stays
    at its first value before it, and at its last one after it: there alone its slope jumps.
    """

    smooth: ClassVar[bool] = True
    causal: ClassVar[bool] = False

    length: int = eqx.field(static=True)
    counts: bool = eqx.field(static=True, default=False)

    def through(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T C"],
        mask: Bool[Array, "B T C"],
    ) -> Path:
        """The spline; its second derivative jumps at the knots."""
        gap = gaps(t, x, mask)
        length, first = gap.length, gap.earlier
        # X = x0 + first u + 2 bend u² - bend/length u³ of u = t - t0, seen from the knot at s = 0.
        bend = (gap.slope - first) / length
        u = jnp.where(gap.between, t[:, :-1, None] - gap.start, 0)
        powers = [
            first + bend * u * (4 - 3 * u / length),
            bend * (4 - 6 * u / length),
            -3 * bend / length,
        ]
        start = gap.value + u * (first + bend * u * (2 - u / length))
        values = jnp.where(gap.between, start, gap.resting)
        return Path.of(t, powers, values)


@register_control("hermite")
def hermite(length: PositiveInt, *, counts: bool = False) -> Hermite:
    """A cubic Hermite spline with backward differences.

    Args:
        length: times of a series
        counts: whether the numbers of observations so far are channels
    """
    return Hermite(length, counts)
