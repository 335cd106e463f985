"""Diffrax's implicit-explicit methods: the linear part implicitly, the rest explicitly."""

from typing import Any

import diffrax
import equinox as eqx
from jaxtyping import Array, PyTree

from ..dynamics.base import Dynamics, Time
from .demands import parts_of

IMEX = (diffrax.KenCarp3, diffrax.KenCarp4, diffrax.KenCarp5, diffrax.Sil3)
"""Methods of two terms, for `zoo.dynamics.AbstractSemilinearDynamics`."""


class ExplicitPart(eqx.Module):
    """N of one example's semilinear dynamics, in the state's own basis."""

    dynamics: Any

    def __call__(self, t: Time, y: PyTree[Array], args: Any) -> PyTree[Array]:
        """N(t, y, args)."""
        parts = parts_of(self.dynamics)
        return parts.from_modes(parts.nonlinear(t, y, args))


class ImplicitPart(eqx.Module):
    """L y of one example's semilinear dynamics, in the state's own basis."""

    dynamics: Any

    def __call__(self, t: Time, y: PyTree[Array], args: Any) -> PyTree[Array]:
        """L y."""
        parts = parts_of(self.dynamics)
        return parts.from_modes(parts.linear_modes(y, args))


def terms_of(method: Any, dynamics: Dynamics, wrap: Any) -> Any:
    """Diffrax's terms for a method; `wrap` makes of dynamics of one example the field solved."""
    if not isinstance(method, IMEX):
        return diffrax.ODETerm(wrap(dynamics))
    parts = ExplicitPart(dynamics), ImplicitPart(dynamics)
    return diffrax.MultiTerm(*(diffrax.ODETerm(wrap(part)) for part in parts))
