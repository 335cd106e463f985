"""What a term of a partial differential equation is: a part of du/dt on a grid."""

import abc

import equinox as eqx
from jaxtyping import Array, Complex, Float

from ...types import Args
from ..base import Time
from .discretisation import AbstractDiscretisation
from .spectral import Spectral


class AbstractTerm(eqx.Module):
    """A part of the right-hand side of u_t = sum of terms, known or learned.

    To write your own, subclass and implement `__call__`:

        class Drag(zoo.dynamics.pde.AbstractTerm):
            strength: jax.Array

            def __call__(self, t, u, space, args):
                return -self.strength * jnp.abs(u) * u

        space = pde.FiniteDifferences(pde.Grid((64,), (1.0,)), order=4)
        field = pde.MethodOfLines(space, (pde.Diffusion(0.01), Drag(jnp.array(0.1))))

    `u` is a field [..., *points, C], with the batch before the points where there is one, and `t`
    a scalar, or [B] then. Derivatives come from `space`. Return the term in the shape and type of
    `u`. Numbers that are Python floats are known and stay; arrays are trained.
    """

    @abc.abstractmethod
    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """The term at time `t` and field `u`."""

    def modes(
        self, t: Time, u: Float[Array, "... C"], space: Spectral, args: Args
    ) -> Complex[Array, "... C"]:
        """The modes of the term; a subclass that finds these without a detour gives its own."""
        return space.to_modes(self(t, u, space, args))


class AbstractLinearTerm(AbstractTerm):
    """A term that multiplies each mode of Fourier by a number of its own.

    Beside `__call__` a subclass implements `symbol`; `SemilinearMethodOfLines` then takes the term
    exactly, however stiff it is.
    """

    @abc.abstractmethod
    def symbol(self, space: Spectral) -> Complex[Array, "..."] | Float[Array, "..."]:
        """The factor of each mode, of a shape that is broadcast to [*modes, 1]."""
