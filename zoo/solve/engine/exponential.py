"""Exponential time differencing: the linear part of semilinear dynamics exactly, the rest by
Runge-Kutta (Cox & Matthews 2002, "Exponential time differencing for stiff systems")."""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, PyTree

from ...dynamics.base import Dynamics, lift
from ...types import Args, State, StateType
from ..controllers import expand_to
from ..demands import check_semilinear, parts_of
from .lanes import Lane
from .phi import Phi, doubled, phi
from .step import AbstractStepper, Move, Stages

Weights = Callable[[Phi, Lane | float], tuple[Array, ...]]


class Semilinear(NamedTuple):
    """The two parts of a semilinear field, functions of (t, modes, args)."""

    linear: Dynamics
    """The diagonal of L, of each example."""
    nonlinear: Dynamics
    """The modes of N."""


class AbstractExponentialStepper(AbstractStepper[Semilinear]):
    """A method for dv/dt = L v + N(t, v) in modes v, in which L is diagonal.

    L is taken exactly, however stiff it is; the steps are as long as N allows. There are equal
    steps alone. The dynamics are `zoo.dynamics.AbstractSemilinearDynamics`, whose state is given
    and returned in its own basis; others are refused. `Stats.nfe` counts evaluations of N.

    Within a step the method has N as a polynomial of time. Values between steps are the exact
    solution with that: no order is lost, and no mode that is damped within the step oscillates.
    """

    any_field: ClassVar[bool] = False

    @abc.abstractmethod
    def weights(self, at: Phi, share: Lane | float) -> tuple[Array, ...]:
        """b_j of v(θ) = e^(θz) v0 + θh Σ_j b_j N_j at the share θ of a step, from φ(θz), z = hL."""

    def field(self, dynamics: Dynamics, convert: Callable[[Dynamics], Dynamics]) -> Semilinear:
        """L and N."""
        parts = parts_of(dynamics)

        def nonlinear(t: Any, modes: PyTree, args: Args) -> State:
            return parts.nonlinear(t, parts.from_modes(modes), args)

        def linear(t: Any, modes: PyTree, args: Args) -> State:
            def whole(diagonal: ArrayLike, v: Array) -> Array:
                return jnp.broadcast_to(diagonal, v.shape)

            return jax.tree.map(whole, parts.linear(args), modes)

        return Semilinear(convert(lift(linear)), convert(lift(nonlinear)))

    def check(self, dynamics: Dynamics, y: StateType, args: Args) -> None:
        """Raise `DynamicsError` for dynamics that are not semilinear."""
        check_semilinear(type(self).__name__, dynamics, y, args)

    def enter(self, dynamics: Dynamics, ys: State) -> State:
        """The modes of states."""
        return jax.vmap(parts_of(dynamics).to_modes)(ys)

    def leave(self, dynamics: Dynamics, ys: State) -> State:
        """The states of modes."""
        return jax.vmap(parts_of(dynamics).from_modes)(ys)

    def interpolate(
        self, move: Move, y0: State, y1: State, slopes: list[State], tau: Lane
    ) -> State:
        """The exact solution with the polynomial that the method has for N."""
        linear, *rest = slopes
        since = tau - move.start
        share = since / jnp.where(move.stop == move.start, 1, move.stop - move.start)
        h = move.span.sign * since
        return moved(y0, phis(linear, h), h, rest, lambda at: self.weights(at, share))


@dataclass(frozen=True)
class ETDRK2(AbstractExponentialStepper):
    """Order 2, two evaluations of N a step: equations 20 to 22 of Cox & Matthews 2002."""

    stages: ClassVar[int] = 2

    def weights(self, at: Phi, share: Lane | float) -> tuple[Array, ...]:
        """Of N as a straight line."""
        second = expand_to(share, at.two) * at.two
        return at.one - second, second

    def take(
        self,
        field: Semilinear,
        args: Args,
        move: Move,
        y: State,
        slope: State | None,
        *,
        whole: bool,
    ) -> Stages:
        """The step with N constant, and once more with the N that was found at its end."""
        h, start = move.h, move.time(0.0)
        linear = field.linear(start, y, args)
        full = phis(linear, h)
        first = field.nonlinear(start, y, args)
        a = moved(y, full, h, [first], lambda at: (at.one,))
        last = field.nonlinear(move.time(1.0), a, args)
        y1 = moved(y, full, h, [first, last], lambda at: self.weights(at, 1.0))
        return Stages(y1, [linear, first, last], [y, a])


@dataclass(frozen=True)
class ETDRK4(AbstractExponentialStepper):
    """Order 4, four evaluations of N a step: equations 26 to 29 of Cox & Matthews 2002.

    Its coefficients by series where they would cancel, as accurate as those by the contour
    integrals of Kassam & Trefethen 2005, "Fourth-order time-stepping for stiff PDEs". Values
    between steps have an error of h⁴ too.
    """

    stages: ClassVar[int] = 4

    def weights(self, at: Phi, share: Lane | float) -> tuple[Array, ...]:
        """Of N as a parabola through its start, the mean of two values halfway, and its end."""
        share = expand_to(share, at.two)
        second, third = share * at.two, 4 * share**2 * at.three
        middle = 2 * second - third
        return at.one - 3 * second + third, middle, middle, third - second

    def take(
        self,
        field: Semilinear,
        args: Args,
        move: Move,
        y: State,
        slope: State | None,
        *,
        whole: bool,
    ) -> Stages:
        """Two stages in the middle, one at the end, and their sum."""
        h, start, middle = move.h, move.time(0.0), move.time(0.5)
        linear = field.linear(start, y, args)
        half = phis(linear, h / 2)
        full = jax.tree.map(doubled, half, is_leaf=lambda x: isinstance(x, Phi))

        def one(at: Phi) -> tuple[Array, ...]:
            return (at.one,)

        first = field.nonlinear(start, y, args)
        a = moved(y, half, h / 2, [first], one)
        second = field.nonlinear(middle, a, args)
        b = moved(y, half, h / 2, [second], one)
        third = field.nonlinear(middle, b, args)
        c = moved(a, half, h / 2, [first, third], lambda at: (-at.one, 2 * at.one))
        rest = [first, second, third, field.nonlinear(move.time(1.0), c, args)]
        y1 = moved(y, full, h, rest, lambda at: self.weights(at, 1.0))
        return Stages(y1, [linear, *rest], [y, a, b, c])


def phis(linear: PyTree[Array], h: Lane) -> PyTree[Phi]:
    """The functions of hL, a `Phi` for each leaf."""
    return jax.tree.map(lambda diagonal: phi(expand_to(h, diagonal) * diagonal), linear)


def moved(
    v: PyTree[Array],
    at: PyTree[Phi],
    h: Lane,
    slopes: list[PyTree[Array]],
    weights: Callable[[Phi], tuple[Array, ...]],
) -> State:
    """e^z v + h Σ_j b_j(z) N_j."""

    def leaf(v: Array, at: Phi, *slopes: Array) -> Array:
        terms = [b * n for b, n in zip(weights(at), slopes, strict=True)]
        total = sum(terms[1:], terms[0])
        return at.exp * v + expand_to(h, total) * total

    return jax.tree.map(leaf, v, at, *slopes)
