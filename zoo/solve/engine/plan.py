"""What one solve of the engine is made of: what stays fixed, and what may be traced."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from ...types import State
from ..parts import PartOf
from .interval import Interval
from .lanes import Lane, size
from .step import AbstractStepper, Move, Stages
from .tableau import Tableau, stepper_of
from .watch import Watch


class Plan(eqx.Module):
    """The static part of a solve, and the numbers that no gradient flows to."""

    method: diffrax.AbstractSolver | AbstractStepper | None
    """A Diffrax solver or a stepper of the engine's own."""
    rtol: Float[Array, ""] | None
    atol: Float[Array, ""] | None
    dt0: Float[Array, ""] | None
    dtmax: Float[Array, ""] | None
    steps: int | None = eqx.field(static=True)
    max_steps: int = eqx.field(static=True)
    adaptive: bool = eqx.field(static=True)
    batching: str = eqx.field(static=True)
    error_of: PartOf = eqx.field(static=True)
    few: int = eqx.field(static=True)
    """So many lanes that are not done yet go on in a batch of their own; 0 where they never do."""
    cost: Callable[[Move, State, Stages], Float[Array, " B"]] | None = eqx.field(
        static=True, default=None
    )
    """What each accepted step costs an example; None where nothing is charged for steps."""
    watch: Watch | None = None
    """The event at which a lane ends; None in an ordinary solve."""

    @property
    def stepper(self) -> AbstractStepper:
        """What takes the steps."""
        stepper = stepper_of(self.method)
        assert stepper is not None, "the engine is given methods of its own only"
        return stepper

    def together(self, span: Interval) -> bool:
        """Whether all lanes that still run make the same step: equal ones, so many of each."""
        return self.steps is not None and not span.jumps

    def even(self, span: Interval) -> bool:
        """Whether no lane notes the times of its steps, since they follow from its interval.

        A step that ends at an event is noted, and the steps of one lane are: one number is noted
        sooner than it is computed.
        """
        return self.together(span) and span.length.size > 1 and self.watch is None

    def most_steps(self, span: Interval) -> int:
        """How many steps a lane can take at most: of equal ones no more than were asked for.

        A jump inside may break one of them in two.
        """
        if self.steps is None:
            return self.max_steps
        jumps = span.pieces.stop.shape[-1] - 1 if span.jumps else 0
        return min(self.max_steps, self.steps + jumps)

    def begun(self) -> "Plan":
        """This plan with the stepper of one pass over the steps."""
        stepper = self.stepper
        begun = stepper.begun()
        return self if begun is stepper else eqx.tree_at(lambda p: p.method, self, begun)

    @property
    def tableau(self) -> Tableau:
        """The coefficients of a method whose steps adapt."""
        assert isinstance(self.stepper, Tableau), "an estimate of the error comes with a tableau"
        return self.stepper

    @property
    def joint(self) -> bool:
        """Whether all examples share their steps."""
        return self.batching != "per-sample"

    @property
    def order(self) -> float:
        """The order of the error estimate, which says how much smaller a step must be."""
        # The base class reads no more of its terms than whether they are stochastic.
        assert isinstance(self.method, diffrax.AbstractSolver), "steppers take equal steps"
        order: Any = self.method.error_order(diffrax.ODETerm(lambda t, y, args: y))
        return order

    def norm(self, tree: PyTree[Array]) -> Lane:
        """The size of an error: of each example, of the worst one, or of the whole batch."""
        part = self.error_of(tree)
        if self.batching == "joint-rms":
            return size(part, joint=True)
        each = size(part, joint=False)
        return each.max() if self.joint else each

    def error(self, error: State, y0: State, y1: State) -> Lane:
        """An attempt's error in units of `atol + rtol * max(|y0|, |y1|)`; inf where not finite."""
        rtol, atol = self.rtol, self.atol
        assert rtol is not None and atol is not None

        def scaled(e: Array, before: Array, after: Array) -> Array:
            most = jnp.maximum(jnp.abs(before), jnp.abs(after))
            return e / (atol.astype(e.dtype) + most * rtol.astype(e.dtype))

        norm = self.norm(jax.tree.map(scaled, error, y0, y1))
        return jnp.where(jnp.isnan(norm), jnp.inf, norm)


def control(
    error: Lane, start: Lane, stop: Lane, memory: tuple[Lane, Lane], order: float
) -> tuple[Bool[Array, "*lanes"], Lane, Lane, tuple[Lane, Lane]]:
    """Whether to keep each attempt and where the next one starts and stops: Diffrax's controller.

    It is given the scaled error as if that were the state's, since its own norm knows no lanes.
    """
    controller = diffrax.PIDController(rtol=0.0, atol=1.0, norm=lambda scaled: scaled)

    def one(error: Any, start: Any, stop: Any, memory: Any) -> Any:
        nothing = jnp.zeros((), error.dtype)
        keep, start, stop, _, (last, older, _), _ = controller.adapt_step_size(
            start, stop, nothing, nothing, None, error, order, (*memory, False)
        )
        return keep, start, stop, (last, older)

    return (jax.vmap(one) if error.ndim else one)(error, start, stop, memory)
