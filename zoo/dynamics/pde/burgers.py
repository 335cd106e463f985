"""The transport of a field by itself, as in Burgers' equation."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from ...errors import ConfigError
from ...types import Args
from ..base import Time
from .differences import FiniteDifferences
from .discretisation import AbstractDiscretisation
from .spectral import Spectral
from .term import AbstractTerm


class BurgersFlux(AbstractTerm):
    """-∂(u²/2)/∂x summed over the axes, in conservation form: what leaves a cell enters the next.

    Central by default, of the order of the discretisation: exact where the field is resolved, and
    full of ripples where a front is thinner than two cells. `upwind` takes the flux of Engquist &
    Osher 1981, "One-sided difference approximations for nonlinear conservation laws", of order 1:
    no ripples, and fronts that are smeared over some cells.

    Raises `ConfigError` for `upwind` on another discretisation than `FiniteDifferences`.
    """

    upwind: bool = eqx.field(static=True, default=False)

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """Minus the sum of the derivatives of u²/2."""
        if not self.upwind:
            rates = [space.gradient(u, axis, of=half_square) for axis in space.grid.axes]
            return -sum(rates, jnp.zeros_like(u))
        if not isinstance(space, FiniteDifferences):
            raise ConfigError(
                f"BurgersFlux(upwind=True) on {type(space).__name__}: expected FiniteDifferences, "
                "whose cells have faces. Way out: upwind=False."
            )
        rates = [space.divergence(osher(space, u, axis), axis) for axis in space.grid.axes]
        return -sum(rates, jnp.zeros_like(u))

    def modes(
        self, t: Time, u: Float[Array, "... C"], space: Spectral, args: Args
    ) -> Complex[Array, "... C"]:
        """-i k of the modes of u²/2, the upper third of them left out."""
        k = space.kept() * sum(space.wavenumbers(), np.zeros(()))
        modes = space.to_modes(half_square(u))
        return jnp.asarray(-1j * k, modes.dtype) * modes


def half_square(u: Array) -> Array:
    """u²/2."""
    return 0.5 * u**2


def osher(space: FiniteDifferences, u: Float[Array, "... C"], axis: int) -> Float[Array, "... C"]:
    """The flux through each face along an axis, from the side from which u blows."""
    before, after = space.faces(u, axis)
    return half_square(jnp.maximum(before, 0)) + half_square(jnp.minimum(after, 0))
