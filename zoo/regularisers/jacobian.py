"""How strongly a field answers to a change of the state: the size of its Jacobian."""

from typing import ClassVar

import jax
from jaxtyping import Array, Float, PyTree

from ..registry import register_regulariser
from ..schema import NonNegativeFloat
from ..types import Args, State
from .base import AbstractRegulariser, Field
from .norms import squares


class Jacobian(AbstractRegulariser):
    """weight · |εᵀ ∂f/∂y|² + kinetic · |f|² per unit of time, of a random ε.

    Over ε its mean is weight · ‖∂f/∂y‖², the squared Frobenius norm (Hutchinson 1990). One
    pull-back beside the evaluation. Finlay et al. 2020, "How to Train Your Neural ODE: the World of
    Jacobian and Kinetic Regularization" (RNODE), whose ε is one for a solve, too; signs have less
    variance than the normal numbers there.
    """

    draws: ClassVar = "rademacher"
    weight: float = 0.01
    kinetic: float = 0.0

    def rates(
        self, field: Field, t: float | Array, ys: State, args: Args, noise: PyTree[Array] | None
    ) -> tuple[PyTree[Array], Float[Array, " B"]]:
        """As `AbstractRegulariser.rates`."""
        dys, pull = jax.vjp(lambda ys: field(t, ys, args), ys)
        rates = self.weight * squares(pull(noise))
        return dys, rates + self.kinetic * squares(dys) if self.kinetic else rates


@register_regulariser("jacobian")
def jacobian(*, weight: NonNegativeFloat = 0.01, kinetic: NonNegativeFloat = 0.0) -> Jacobian:
    """weight · ∫ ‖∂f/∂y‖² dt by one random projection, and kinetic · ∫ |dy/dt|² dt (RNODE).

    Finlay et al. 2020, "How to Train Your Neural ODE: the World of Jacobian and Kinetic
    Regularization".

    Args:
        weight: factor before the integral of the Jacobian's squared Frobenius norm
        kinetic: factor before the kinetic energy
    """
    return Jacobian(weight=weight, kinetic=kinetic)
