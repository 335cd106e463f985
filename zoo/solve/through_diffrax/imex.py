"""Diffrax's implicit-explicit methods: the linear part implicitly, the rest explicitly."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import optimistix
from jaxtyping import Array

from ...dynamics.base import Dynamics, Time
from ...types import Args, State, Tree
from ..demands import parts_of

IMEX = (diffrax.KenCarp3, diffrax.KenCarp4, diffrax.KenCarp5, diffrax.Sil3)
"""Methods of two terms, for `zoo.dynamics.AbstractSemilinearDynamics`."""


class ExplicitPart(eqx.Module):
    """N of one example's semilinear dynamics, in the state's own basis."""

    dynamics: Dynamics

    def __call__(self, t: Time, y: State, args: Args) -> State:
        """N(t, y, args)."""
        parts = parts_of(self.dynamics)
        return parts.from_modes(parts.nonlinear(t, y, args))


class ImplicitPart(eqx.Module):
    """L y of one example's semilinear dynamics, in the state's own basis."""

    dynamics: Dynamics

    def __call__(self, t: Time, y: State, args: Args) -> State:
        """L y."""
        parts = parts_of(self.dynamics)
        return parts.from_modes(parts.linear_modes(y, args))


def terms_of(
    method: object, dynamics: Dynamics, wrap: Callable[[Dynamics], Dynamics]
) -> diffrax.AbstractTerm:
    """Diffrax's terms for a method; `wrap` makes of dynamics of one example the field solved."""
    if not isinstance(method, IMEX):
        return diffrax.ODETerm(wrap(dynamics))
    parts = ExplicitPart(dynamics), ImplicitPart(dynamics)
    return diffrax.MultiTerm(*(diffrax.ODETerm(wrap(part)) for part in parts))


class OneNewtonStep(optimistix.AbstractRootFinder):
    """What solves a linear equation: one step of Newton's method.

    Diffrax's own root finder takes two and judges convergence by how they differ. Of a linear
    equation they differ by rounding alone, which it takes for divergence: on Kuramoto and
    Sivashinsky's equation with a tolerance of 1e-6 that rejected three steps out of five.
    """

    rtol: float = 1.0
    atol: float = 1.0
    norm: Callable[[State], Array] = optimistix.max_norm

    def init(self, *args: Any, **named: Any) -> Any:
        """The linearisation, once for all stages that share it."""
        return self._chord.init(*args, **named)

    def step(self, *args: Any, **named: Any) -> Any:
        """As `diffrax.VeryChord`, which leaves the linearisation as it is."""
        return self._chord.step(*args, **named)

    def terminate(
        self, fn: object, y: State, args: Args, options: object, state: Any, tags: object
    ) -> tuple[Array, optimistix.RESULTS]:
        """After one step, whose linear solve says whether it went well."""
        return state.step >= 1, state.result

    def postprocess(
        self,
        fn: object,
        y: State,
        aux: object,
        args: Args,
        options: object,
        state: object,
        tags: object,
        result: optimistix.RESULTS,
    ) -> tuple[State, object, dict[str, object]]:
        """The solution as it is."""
        return y, aux, {}

    @property
    def _chord(self) -> diffrax.VeryChord:
        return diffrax.VeryChord(rtol=self.rtol, atol=self.atol)


def solves_linearly(method: Tree) -> Tree:
    """An implicit-explicit method with `OneNewtonStep`, in the place of Diffrax's default."""
    return eqx.tree_at(lambda m: m.root_finder, method, OneNewtonStep())
