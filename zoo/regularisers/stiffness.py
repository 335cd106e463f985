"""How stiff a method finds its steps to be."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ..registry import register_regulariser
from ..schema import NonNegativeFloat
from ..types import State
from .base import AbstractStepRegulariser, Step
from .norms import norms


class Stiffness(AbstractStepRegulariser):
    """weight · |h| · |k_s - k_(s-1)| / |y_s - y_(s-1)| of each step, of its last two stages.

    The quotient estimates the largest eigenvalue of ∂f/∂y in size: Hairer & Wanner, *Solving
    Ordinary Differential Equations II*, IV.2. It is S_j of R_S = Σ_j S_j in Pal et al. 2021,
    "Opening the Blackbox: Accelerating Neural Differential Equations by Regularizing Internal
    Solver Heuristics"; times |h|, as in their program, so that more steps do not cost more.
    """

    weight: float = 0.01

    def cost(self, step: Step) -> Float[Array, " B"]:
        """As `AbstractStepRegulariser.cost`; nothing where the last two stages are at one state."""
        of_slopes, of_states = norms(_last_change(step.slopes)), norms(_last_change(step.states))
        moved = of_states > 0
        ratio = jnp.where(moved, of_slopes / jnp.where(moved, of_states, 1), 0)
        return self.weight * jnp.abs(step.h) * ratio


def _last_change(stages: list[PyTree[Array]]) -> State:
    return jax.tree.map(jnp.subtract, stages[-1], stages[-2])


@register_regulariser("stiffness")
def stiffness(*, weight: NonNegativeFloat = 0.01) -> Stiffness:
    """weight · Σ |h| λ over the accepted steps, λ being the method's estimate of stiffness.

    Pal et al. 2021, "Opening the Blackbox". For explicit methods with adjoint replay.

    Args:
        weight: factor before the sum
    """
    return Stiffness(weight=weight)
