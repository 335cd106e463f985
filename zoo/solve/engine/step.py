"""One step of a whole batch: what a stepper is given, what it makes, and the sums it is made of."""

import abc
from collections.abc import Callable
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ...dynamics.base import Dynamics, lift
from ...types import Args, State, StateType
from ..controllers import expand_to
from .interval import Interval, Piece
from .lanes import Lane

Evaluated = TypeVar("Evaluated")
"""What a stepper evaluates of the dynamics, as its `field` makes it: the derivative, or several
functions of (t, ys, args)."""


class Move(NamedTuple):
    """One step of each lane, from `start` to `stop`, in times τ that run forward."""

    span: Interval
    piece: Piece
    start: Lane
    stop: Lane
    number: Int[Array, "*lanes"]
    """How many steps the lane has made before; one number, [], where all make the same step."""
    lane: Int[Array, " lanes"] | None = None
    """Whose step each is, where that is not each example's own."""

    @property
    def h(self) -> Lane:
        """The step's size in real time, negative where the solve runs backwards."""
        return self.span.sign * (self.stop - self.start)

    def time(self, c: float) -> Lane:
        """The time that the field sees at the share `c` of the step."""
        # The end itself, so that rounding never takes a stage beyond it.
        tau = self.stop if c == 1.0 else self.start + c * (self.stop - self.start)
        return self.span.time(self.start if c == 0.0 else tau, self.piece)


class Stages(NamedTuple):
    """What one step computed."""

    y1: State
    slopes: list[PyTree[Array]]
    """What the field gave at each of its evaluations, in their order."""
    states: list[PyTree[Array]]
    """The state at which each was."""


class AbstractStepper(abc.ABC, Generic[Evaluated]):
    """One step of a method, written once for a whole batch.

    To write your own, subclass, say how many evaluations of the field a step takes, and implement
    `take`. The midpoint rule:

        @dataclass(frozen=True)
        class Midpoint(zoo.solve.AbstractStepper):
            stages: ClassVar[int] = 2

            def take(self, field, args, move, y, slope, *, whole):
                k1 = field(move.time(0.0), y, args)
                middle = advance(y, move.h, (0.5,), [k1])
                k2 = field(move.time(0.5), middle, args)
                return Stages(advance(y, move.h, (1.0,), [k2]), [k1, k2], [y, middle])

        solver = Solver(Midpoint(), steps=100)

    with `Stages` and `advance` from `zoo.solve.engine.step`. Its steps are equal, and its gradient
    is replay's. What a step does must follow from its arguments alone: the backward pass takes each
    step again. A frozen dataclass is equal to others of its values, so that it is compiled once.

    A method that needs more of the dynamics than their value says which functions of them it
    evaluates (`field`), refuses others (`check`), and may take its steps in a basis of its own
    (`enter` and `leave`).
    """

    reuses: bool = False
    """Whether the last evaluation of a step is the first of the next one."""
    any_field: ClassVar[bool] = True
    """Whether it takes any dynamics, also such as were put together with a running cost."""

    @property
    @abc.abstractmethod
    def stages(self) -> int:
        """Evaluations of a step on its own."""

    @property
    def pulled_stages(self) -> int:
        """Evaluations that the backward pass makes of a step: those on which y1 depends."""
        return self.stages

    def begun(self) -> "AbstractStepper":
        """The stepper of one pass over the steps, which is made when the pass begins and ends with
        it: once forward, and once back. Override it to make there what is too large to be kept
        between both, such as noise."""
        return self

    @abc.abstractmethod
    def take(
        self,
        field: Evaluated,
        args: Args,
        move: Move,
        y: State,
        slope: State | None,
        *,
        whole: bool,
    ) -> Stages:
        """The step. `slope` is what the field gives at its start, where that is known; without
        `whole` an evaluation on which `y1` does not depend may be left out."""

    def field(self, dynamics: Dynamics, convert: Callable[..., Dynamics]) -> Evaluated:
        """What `take` is given as `field`: functions (t, ys [B, ...], args), each by `convert`.

        The derivative where not overridden. What is returned is called where a first slope is
        `reused`, for that slope.
        """
        derivative: Any = convert(lift(dynamics))
        return derivative

    def check(self, dynamics: Dynamics, y: StateType, args: Args) -> None:
        """Raise `DynamicsError` for dynamics, or a state, of one example that it cannot take.

        Before anything is compiled; of `y` and `args` there are shapes and types.
        """

    def enter(self, dynamics: Dynamics, ys: State) -> State:
        """Initial states [B, ...] in the basis in which steps are taken: their own by default."""
        return ys

    def leave(self, dynamics: Dynamics, ys: State) -> State:
        """States [B, ...] from the basis in which steps are taken, the inverse of `enter`."""
        return ys

    def interpolate(
        self, move: Move, y0: State, y1: State, slopes: list[State], tau: Lane
    ) -> State:
        """The state at τ within the step; a straight line between its ends where not overridden."""
        share = (tau - move.start) / jnp.where(move.stop == move.start, 1, move.stop - move.start)
        return jax.tree.map(lambda a, b: a + expand_to(share, a) * (b - a), y0, y1)


def advance(y: State, h: Lane, weights: tuple[float, ...], slopes: list[PyTree[Array]]) -> State:
    """y + h Σ_j w_j k_j."""
    moved = combine(h, weights, slopes)
    return jax.tree.map(jnp.add, y, moved)


def combine(h: Lane, weights: tuple[float, ...], slopes: list[PyTree[Array]]) -> State:
    """h Σ_j w_j k_j."""

    def leaf(*ks: Array) -> Array:
        terms = [w * k for w, k in zip(weights, ks, strict=False) if w != 0]
        total = sum(terms[1:], terms[0]) if terms else jnp.zeros_like(ks[0])
        return expand_to(h, total) * total

    return jax.tree.map(leaf, *slopes)
