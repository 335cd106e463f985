"""The functions of exponential integrators: e^z, and φ_k(z) = ∫₀¹ e^((1-s)z) s^(k-1)/(k-1)! ds."""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Inexact


class Phi(NamedTuple):
    """The functions at z, each in its shape and type: φ_k(z) = (φ_{k-1}(z) - 1/(k-1)!) / z."""

    exp: Inexact[Array, "..."]
    one: Inexact[Array, "..."]
    two: Inexact[Array, "..."]
    three: Inexact[Array, "..."]


def phi(z: Inexact[Array, "..."]) -> Phi:
    """The functions at z, exact to rounding also where z is small, and so are their derivatives.

    By their definition each loses a digit where z has one less. Below |z| = 1 it is the series of
    φ3 that is summed, and the definition read from right to left.
    """
    small = jnp.abs(z) < 1
    near, far = jnp.where(small, z, 0), jnp.where(small, 1, z)
    three = jnp.zeros_like(z)
    for n in reversed(range(_terms(float(jnp.finfo(z.dtype).eps)))):
        three = three * near + 1 / math.factorial(n + 3)
    two = near * three + 1 / 2
    one = near * two + 1
    series = Phi(near * one + 1, one, two, three)
    exp = jnp.exp(far)
    one = (exp - 1) / far
    two = (one - 1) / far
    direct = Phi(exp, one, two, (two - 1 / 2) / far)
    return Phi(*(jnp.where(small, a, b) for a, b in zip(series, direct, strict=True)))


def doubled(at: Phi) -> Phi:
    """The functions at 2z from those at z."""
    return Phi(
        at.exp**2,
        (at.exp + 1) * at.one / 2,
        ((at.exp + 1) * at.two + at.one) / 4,
        ((at.exp + 1) * at.three + at.two + at.one / 2) / 8,
    )


def _terms(eps: float) -> int:
    """How many terms the series of φ3, and of its derivative, needs where |z| is below one."""
    n = 1
    while n / math.factorial(n + 3) > eps / 16:
        n += 1
    return n
