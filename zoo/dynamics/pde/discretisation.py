"""What a term of a partial differential equation asks of the points of a grid."""

import abc
from collections.abc import Callable

import equinox as eqx
from jaxtyping import Array, Float

from .grid import Grid

Pointwise = Callable[[Array], Array]
"""A function of a field's value at one point."""


class AbstractDiscretisation(eqx.Module):
    """Base of the ways to take derivatives of a field [..., *points, C] on a grid.

    To write your own, subclass, keep the field `grid` and give `gradient` and `laplacian`; terms
    call nothing else. Boundary values come from `Grid.padded`, or are built in as `Spectral` does.
    """

    grid: eqx.AbstractVar[Grid]

    @abc.abstractmethod
    def gradient(
        self, u: Float[Array, "... C"], axis: int, of: Pointwise | None = None
    ) -> Float[Array, "... C"]:
        """The derivative along an axis of u, or of a function `of` u at each point.

        The boundary is that of u: what lies beyond it is found before the function is applied.
        """

    @abc.abstractmethod
    def laplacian(self, u: Float[Array, "... C"]) -> Float[Array, "... C"]:
        """The sum of the second derivatives along all axes."""
