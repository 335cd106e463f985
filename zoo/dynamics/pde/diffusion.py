"""What spreads: diffusion, and the fourth derivative that damps the shortest waves."""

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from ...types import Args
from ..base import Time
from .discretisation import AbstractDiscretisation
from .spectral import Spectral
from .term import AbstractLinearTerm


class Diffusion(AbstractLinearTerm):
    """ν ∇²u. C numbers give each component its own; one below 0 lets waves grow."""

    viscosity: float | tuple[float, ...] | Float[Array, ""] | Float[Array, " C"]

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """ν times the Laplacian."""
        return jnp.asarray(self.viscosity, u.dtype) * space.laplacian(u)

    def symbol(self, space: Spectral) -> Complex[Array, "..."] | Float[Array, "..."]:
        """-ν |k|²."""
        return -jnp.asarray(self.viscosity) * space.squared_wavenumbers()


class Hyperdiffusion(AbstractLinearTerm):
    """-κ ∇⁴u, the Laplacian of the Laplacian."""

    strength: float | Float[Array, ""] | Float[Array, " C"]

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """-κ times the Laplacian of the Laplacian."""
        return -self.strength * space.laplacian(space.laplacian(u))

    def symbol(self, space: Spectral) -> Complex[Array, "..."] | Float[Array, "..."]:
        """-κ |k|⁴."""
        return -self.strength * space.squared_wavenumbers() ** 2
