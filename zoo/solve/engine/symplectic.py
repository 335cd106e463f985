"""Symplectic methods for separable dynamics: q and p moved in turn, each by the other.

Hairer, Lubich & Wanner, *Geometric Numerical Integration*, I.1.4, II.5 and VI.3.
"""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...dynamics.base import Dynamics
from ...dynamics.separable import halves, joined
from ...types import Args, State, StateType
from ..controllers import expand_to
from ..demands import check_separable, check_timeless_velocity, force_of, velocity_of
from .lanes import Lane
from .step import AbstractStepper, Move, Stages, advance


class Halves(NamedTuple):
    """The two parts of a separable field, each a function of (t, ys, args)."""

    velocity: Dynamics
    force: Dynamics

    def __call__(self, t: Array, ys: State, args: Args) -> State:
        """The velocity, with which steps begin and end."""
        return self.velocity(t, ys, args)


class AbstractSymplecticStepper(AbstractStepper[Halves]):
    """A method for states (q, p), dq/dt = velocity(t, p, args) and dp/dt = force(t, q, args).

    The map of a step keeps the area in phase space, so that with equal steps the energy of a
    Hamiltonian system stays near to what it was for exponentially long times. There are equal
    steps alone, since ones that adapt would lose that.

    The state is a pair (q, p), each an array or a pytree of them. The dynamics are any f(t, y,
    args) in which q moves by p alone and p by q alone; others are refused. Of
    `zoo.dynamics.AbstractSeparableDynamics` the state may also be one array whose last axis holds
    q and p. `Stats.nfe` counts evaluations of the velocity or of the force.
    """

    any_field: ClassVar[bool] = False

    def field(self, dynamics: Dynamics, convert: Callable[[Dynamics], Dynamics]) -> Halves:
        """Velocity and force; what else dynamics compute beside one of them is not run."""
        return Halves(
            convert(velocity_of(dynamics, batch=True)), convert(force_of(dynamics, batch=True))
        )

    def check(self, dynamics: Dynamics, y: StateType, args: Args) -> None:
        """Raise `DynamicsError` for dynamics that are not separable."""
        check_separable(type(self).__name__, dynamics, y, args)


@dataclass(frozen=True)
class SemiImplicitEuler(AbstractSymplecticStepper):
    """Symplectic Euler, order 1: p1 = p0 + h force(t0, q0), then q1 = q0 + h velocity(t1, p1).

    Two evaluations a step. Values between steps lie on a straight line, which has order 1 too.
    """

    stages: ClassVar[int] = 2

    def take(
        self, field: Halves, args: Args, move: Move, y: State, slope: State | None, *, whole: bool
    ) -> Stages:
        """A kick of p, then a drift of q."""
        q, p = halves(y)
        force = field.force(move.time(0.0), y, args)
        kicked = joined(y, q, advance(p, move.h, (1.0,), [force]))
        velocity = field.velocity(move.time(1.0), kicked, args)
        y1 = joined(y, advance(q, move.h, (1.0,), [velocity]), halves(kicked)[1])
        return Stages(y1, [force, velocity], [y, kicked])


class AbstractDriftKickDrift(AbstractSymplecticStepper):
    """Leapfrogs of w_1 h, w_2 h, ... in a row: q drifts half of each, p is kicked, q drifts on.

    A drift goes on into the next leapfrog, so that a step takes two evaluations for each weight;
    the velocity at its end begins the next step, and one more is made at the very start.

    Between steps q is a cubic polynomial, of order 4, from the velocities at both ends; p lies on
    a straight line, of order 2. Where p is wanted at certain times as exactly as the method has
    it, give these as `jumps` too: steps then end there.
    """

    reuses = True

    @property
    @abc.abstractmethod
    def weights(self) -> tuple[float, ...]:
        """w_i, which add to one."""

    @property
    def stages(self) -> int:
        """A velocity before each kick and after the last, and a force for each kick."""
        return 2 * len(self.weights) + 1

    def take(
        self, field: Halves, args: Args, move: Move, y: State, slope: State | None, *, whole: bool
    ) -> Stages:
        """Drift, kick, drift, kick, ..., drift."""
        h, (q, p) = move.h, halves(y)
        velocity = field.velocity(move.time(0.0), y, args) if slope is None else slope
        slopes, states, done, owed = [velocity], [y], 0.0, 0.0
        for weight in self.weights:
            q = advance(q, h, (owed + weight / 2,), [velocity])
            states.append(joined(y, q, p))
            slopes.append(field.force(move.time(done + weight / 2), states[-1], args))
            p = advance(p, h, (weight,), [slopes[-1]])
            done, owed = done + weight, weight / 2
            states.append(joined(y, q, p))
            # Only the last is at a time within the step: what looks at others is refused.
            velocity = field.velocity(move.time(1.0), states[-1], args)
            slopes.append(velocity)
        y1 = joined(y, advance(q, h, (owed,), [velocity]), p)
        return Stages(y1, slopes, states)

    def interpolate(
        self, move: Move, y0: State, y1: State, slopes: list[State], tau: Lane
    ) -> State:
        """Hermite's cubic of q, and a straight line of p."""
        q, p = halves(super().interpolate(move, y0, y1, slopes, tau))
        share = (tau - move.start) / jnp.where(move.stop == move.start, 1, move.stop - move.start)

        def bent(on_line: Any, q0: Any, q1: Any, v0: Any, v1: Any) -> Any:
            s, h = expand_to(share, q0), expand_to(move.h, q0)
            leaves, arrives = h * v0 - (q1 - q0), h * v1 - (q1 - q0)
            return on_line + s * (1 - s) * ((1 - s) * leaves - s * arrives)

        bent_q = jax.tree.map(bent, q, halves(y0)[0], halves(y1)[0], slopes[0], slopes[-1])
        return joined(y0, bent_q, p)


@dataclass(frozen=True)
class Leapfrog(AbstractDriftKickDrift):
    """Störmer-Verlet, order 2: q drifts for half a step, p is kicked, q drifts on.

    Time-reversible: the steps back undo the steps there, to rounding. Two evaluations a step, one
    velocity and one force, and a velocity at the start. What is said of values between steps in
    `AbstractDriftKickDrift` costs no order here.
    """

    weights: ClassVar[tuple[float, ...]] = (1.0,)


_ROOT = 2.0 ** (1 / 3)
_OUTER, _INNER = 1 / (2 - _ROOT), -_ROOT / (2 - _ROOT)


@dataclass(frozen=True)
class Yoshida4(AbstractDriftKickDrift):
    """Three leapfrogs in a row, the second backwards, order 4 (Yoshida 1990, "Construction of
    higher order symplectic integrators").

    Six evaluations a step, three velocities and three forces, and a velocity at the start. Forces
    are evaluated at times within the step; the velocity must not depend on t, and is refused where
    it does.
    """

    weights: ClassVar[tuple[float, ...]] = (_OUTER, _INNER, _OUTER)

    def check(self, dynamics: Dynamics, y: StateType, args: Args) -> None:
        """Raise `DynamicsError` for dynamics not separable, or whose velocity depends on t."""
        super().check(dynamics, y, args)
        check_timeless_velocity(type(self).__name__, dynamics, y, args)
