"""How wrong a method takes its steps to be."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..registry import register_regulariser
from ..schema import NonNegativeFloat
from .base import AbstractStepRegulariser, Step
from .norms import norms


class LocalError(AbstractStepRegulariser):
    """weight · |h| · |E| of each step, E being the method's estimate of its error.

    R_E = Σ_j |h_j| E_j of Pal et al. 2021, "Opening the Blackbox: Accelerating Neural Differential
    Equations by Regularizing Internal Solver Heuristics", with the Euclidean norm of the estimate
    in the state's unit.
    """

    weight: float = 1.0

    def cost(self, step: Step) -> Float[Array, " B"]:
        """As `AbstractStepRegulariser.cost`."""
        return self.weight * jnp.abs(step.h) * norms(step.error)


@register_regulariser("local_error")
def local_error(*, weight: NonNegativeFloat = 1.0) -> LocalError:
    """weight · Σ |h| |error estimate| over the accepted steps: it makes steps long.

    Pal et al. 2021, "Opening the Blackbox". For explicit methods with adjoint replay.

    Args:
        weight: factor before the sum
    """
    return LocalError(weight=weight)
