"""What is carried along by a known flow."""

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from ...types import Args
from ..base import Time
from .discretisation import AbstractDiscretisation
from .spectral import Spectral
from .term import AbstractLinearTerm


class Advection(AbstractLinearTerm):
    """-c · ∇u, with a velocity c for each axis of the grid."""

    velocity: tuple[float, ...] | Float[Array, " axes"]

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """Minus the velocity times the gradient."""
        total = jnp.zeros_like(u)
        for axis in space.grid.axes:
            total = total - self.velocity[axis] * space.gradient(u, axis)
        return total

    def symbol(self, space: Spectral) -> Complex[Array, "..."] | Float[Array, "..."]:
        """-i c · k."""
        pairs = enumerate(space.wavenumbers())
        return -1j * sum((self.velocity[axis] * jnp.asarray(k) for axis, k in pairs), jnp.zeros(()))
