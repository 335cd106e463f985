"""What a regulariser is: a rate, one that sees the field and draws, or one of the steps taken."""

import abc
from collections.abc import Callable
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import equinox as eqx
from jaxtyping import Array, Float, PyTree

from ..types import Args, State

Field: TypeAlias = Callable[[Any, PyTree[Array], Any], PyTree[Array]]
"""The dynamics of a batch: (t of shape [] or [B], ys [B, ...], args) -> dys."""


@runtime_checkable
class Rate(Protocol):
    """`rate(t, y, dy, args) -> scalar`, a cost per unit of time of **one** example.

    `dy` is dy/dt at (t, y). Its integral over the solve is `Stats.penalty`, which training adds to
    the example's loss. It rides along outside error control, so that it does not change the steps,
    and costs no evaluation of the dynamics. Use it with `zoo.fit(..., regulariser=rate)`, on any
    model that solves an ODE; by name, register a builder of one with `zoo.register_regulariser`.
    """

    def __call__(self, t: Array, y: State, dy: PyTree[Array], args: Args) -> Float[Array, ""]:
        """The cost per unit of time."""


class AbstractRegulariser(eqx.Module):
    """A cost per unit of time that looks at the dynamics, and not at their value alone.

    Subclass it, implement `rates`, and use an instance as any regulariser:

        class Divergence(zoo.regularisers.AbstractRegulariser):
            draws = "rademacher"
            weight: float = 0.1

            def rates(self, field, t, ys, args, noise):
                dys, pull = jax.vjp(lambda ys: field(t, ys, args), ys)
                (pulled,) = pull(noise)
                return dys, self.weight * jnp.sum(pulled * noise, axis=-1) ** 2

        zoo.fit(model, data, regulariser=Divergence())

    It is written for a batch, and integrated as `Rate` is. `draws` says what noise it wants: it is
    drawn once for a solve, from its `key`, and is the same in each evaluation of the field, as the
    solver's order needs it to be. What an example draws depends on the key and on its place in the
    batch alone. Its fields are plain numbers: a new value is compiled anew.
    """

    draws: ClassVar[Literal["rademacher", "normal"] | None] = None
    """The distribution of each entry of the noise, of mean 0 and variance 1; None for no noise."""

    @abc.abstractmethod
    def rates(
        self, field: Field, t: float | Array, ys: State, args: Args, noise: PyTree[Array] | None
    ) -> tuple[PyTree[Array], Float[Array, " B"]]:
        """The derivatives of a batch of states, and each example's cost per unit of time.

        Args:
            field: the dynamics, to be evaluated or differentiated; `field(t, ys, args)` is what has
                to be returned first, so that one linearisation serves both.
            t: the time, of shape [] or [B].
            ys: the states, [B, ...].
            args: those of the dynamics.
            noise: like `ys`; None where `draws` is.
        """


class Step(NamedTuple):
    """One step of a batch as its method took it."""

    h: Float[Array, " B"]
    """Its size in time, negative where the solve runs backwards."""
    y0: State
    """The states at its start, [B, ...]."""
    y1: State
    """The states at its end."""
    error: PyTree[Array]
    """What the method estimates y1 to be wrong by, in the state's unit."""
    slopes: list[PyTree[Array]]
    """dy/dt at each stage, in their order."""
    states: list[PyTree[Array]]
    """The state at which each was evaluated."""


class AbstractStepRegulariser(eqx.Module):
    """A cost of each accepted step, made of what the method computed anyway.

    Subclass it and implement `cost`; the sum over an example's accepted steps is `Stats.penalty`:

        class LongestSteps(zoo.regularisers.AbstractStepRegulariser):
            def cost(self, step):
                return 0.1 * jnp.abs(step.h) ** 3

    Its gradient goes through the steps as `replay` takes them again, their sizes being constants
    where they adapt; the other adjoints know nothing of steps. It needs an explicit Runge-Kutta
    method with an error estimate. Its fields are plain numbers: a new value is compiled anew.
    """

    @abc.abstractmethod
    def cost(self, step: Step) -> Float[Array, " B"]:
        """Each example's cost of one step."""


Regulariser: TypeAlias = Rate | AbstractRegulariser | AbstractStepRegulariser
"""Whatever `Solver(regulariser=...)` and `zoo.fit(..., regulariser=...)` take."""
