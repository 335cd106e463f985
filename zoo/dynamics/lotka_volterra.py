"""The equations of Lotka and Volterra: species that grow, and that eat or hinder each other."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import InitScale
from ..registry import register_dynamics
from ..schema import PositiveFloat
from ..types import Args
from .base import AbstractBatchDynamics, Time


class LotkaVolterraDynamics(AbstractBatchDynamics):
    """dy_i/dt = y_i (growth_i + sum over j of interaction_ij y_j / unit), of `size` species.

    Lotka 1925, "Elements of Physical Biology"; Volterra 1926. The state is a vector [size] of
    amounts, in a unit of their own: data are to be left as they are (`standardise=False`), since
    amounts less their mean obey no such equation. Without `self_limiting` no species hinders
    itself, as in the two equations of predator and prey.
    """

    growth: Float[Array, " size"]
    """Growth of each species alone, in one over the unit of time."""
    interaction: Float[Array, "size size"]
    """What row i gains from column j, in the same unit, where there is a `unit` of j."""
    unit: float = eqx.field(static=True)
    self_limiting: bool = eqx.field(static=True)

    def __init__(
        self,
        size: int,
        *,
        unit: float = 1.0,
        self_limiting: bool = False,
        init_scale: float = 0.1,
        key: PRNGKeyArray,
    ) -> None:
        one, other = jax.random.split(key)
        self.growth = init_scale * jax.random.normal(one, (size,))
        self.interaction = init_scale * jax.random.normal(other, (size, size))
        self.unit, self.self_limiting = unit, self_limiting

    @property
    def coefficients(self) -> Float[Array, "size size"]:
        """d(dy_i/dt / y_i) / dy_j: `interaction / unit`, 0 where a species would limit itself."""
        size = len(self.growth)
        off = 1.0 if self.self_limiting else 1 - jnp.eye(size, dtype=self.interaction.dtype)
        return self.interaction * off / self.unit

    def batch(self, t: Time, ys: Float[Array, "B size"], args: Args) -> Float[Array, "B size"]:
        """The derivatives of a batch of states; time and `args` are not used."""
        return ys * (self.growth + ys @ self.coefficients.T)

    def physical_values(self) -> dict[str, Array]:
        """The growth of each species, and what row i gains from column j, in the data's units."""
        return {"growth": self.growth, "interaction": self.coefficients}


@register_dynamics("lotka_volterra")
def lotka_volterra_dynamics(
    size: int,
    *,
    unit: PositiveFloat = 1.0,
    self_limiting: bool = False,
    init_scale: InitScale = 0.1,
    key: PRNGKeyArray,
) -> LotkaVolterraDynamics:
    """Species that grow, and that eat or hinder each other.

    Args:
        size: number of species
        unit: a usual amount of a species, in the unit of the data
        self_limiting: whether a species hinders itself too
        init_scale: deviation of the initial rates, in one over the unit of time
        key: random key of the initial rates
    """
    return LotkaVolterraDynamics(
        size, unit=unit, self_limiting=self_limiting, init_scale=init_scale, key=key
    )
