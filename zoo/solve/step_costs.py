"""The cost of each accepted step, as the engine asks for it."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import DynamicsError
from ..regularisers import AbstractStepRegulariser, Step
from ..types import State
from .engine import Move, Stages, combine
from .parts import PartOf


@dataclass(frozen=True)
class StepCost:
    """What a regulariser charges for a step; equal where its parts are, for the caches."""

    regulariser: AbstractStepRegulariser
    charged: PartOf
    """The part of a state that it is shown."""
    weights: tuple[float, ...]
    """Of the slopes, in the error estimate."""

    def __call__(self, move: Move, y0: State, stages: Stages) -> Float[Array, " B"]:
        """Each example's cost of one step.

        Raises `DynamicsError` for a cost of another shape.
        """
        count = jax.tree.leaves(y0)[0].shape[0]
        error = combine(move.h, self.weights, stages.slopes)
        shown = (y0, stages.y1, error, stages.slopes, stages.states)
        y0, y1, error, slopes, states = (self._of(each) for each in shown)
        step = Step(jnp.broadcast_to(move.h, (count,)), y0, y1, error, slopes, states)
        cost = self.regulariser.cost(step)
        if jnp.shape(cost) != (count,):
            raise DynamicsError(
                f"The regulariser {type(self.regulariser).__name__} returns shape "
                f"{jnp.shape(cost)} for a step: expected ({count},), a cost for each example."
            )
        return cost

    def _of(self, each: Any) -> Any:
        return [self.charged(x) for x in each] if isinstance(each, list) else self.charged(each)
