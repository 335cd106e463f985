"""Derivatives on a grid by central differences."""

from typing import Literal, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...errors import ConfigError
from .discretisation import AbstractDiscretisation, Pointwise
from .grid import Grid

Order: TypeAlias = Literal[2, 4]
FIRST = {2: (1 / 2,), 4: (2 / 3, -1 / 12)}
"""By order: the weights of u(x + kh) - u(x - kh) in h u', k = 1, 2."""
SECOND = {2: (1.0,), 4: (4 / 3, -1 / 12)}
"""By order: the weights of u(x + kh) - 2 u(x) + u(x - kh) in h² u'', k = 1, 2."""


class FiniteDifferences(AbstractDiscretisation):
    """Central differences of order 2 or 4, on any grid.

    Fornberg 1988, "Generation of finite difference formulas on arbitrarily spaced grids", table 1.
    The sum of a gradient over a periodic grid is 0, so that what is transported is conserved.

    Raises `ConfigError` for another order.
    """

    grid: Grid = eqx.field(static=True)
    order: Order = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        if self.order not in FIRST:
            raise ConfigError(f"order = {self.order}: expected 2 or 4. `Spectral` has none.")

    def gradient(
        self, u: Float[Array, "... C"], axis: int, of: Pointwise | None = None
    ) -> Float[Array, "... C"]:
        """The derivative along an axis of u, or of a function `of` u at each point."""
        weights = FIRST[self.order]
        wide = self.grid.padded(u, axis, len(weights))
        wide = wide if of is None else of(wide)
        pairs = [self._pair(wide, axis, k) for k in range(1, len(weights) + 1)]
        terms = [w * (after - before) for w, (before, after) in zip(weights, pairs, strict=True)]
        total = sum(terms[1:], terms[0])
        return total / self.grid.spacing(axis)

    def laplacian(self, u: Float[Array, "... C"]) -> Float[Array, "... C"]:
        """The sum of the second derivatives along all axes."""
        return sum((self._second(u, axis) for axis in self.grid.axes), jnp.zeros_like(u))

    def faces(
        self, u: Float[Array, "... C"], axis: int, radius: int = 1
    ) -> list[Float[Array, "... C"]]:
        """The values around each face between neighbours along an axis, `2 radius` fields.

        A periodic axis has points + 1 faces, of which the last is the first again; one with ends
        has a face half a step beside each of its points.
        """
        wide = self.grid.padded(u, axis, radius)
        count = self.grid.points[axis] + 1
        return [self._cut(wide, axis, start, count) for start in range(2 * radius)]

    def divergence(self, flux: Float[Array, "... C"], axis: int) -> Float[Array, "... C"]:
        """What leaves each cell along an axis, by the fluxes through its faces, for its length."""
        count = self.grid.points[axis]
        out, into = self._cut(flux, axis, 1, count), self._cut(flux, axis, 0, count)
        return (out - into) / self.grid.spacing(axis)

    def _second(self, u: Array, axis: int) -> Array:
        weights = SECOND[self.order]
        wide = self.grid.padded(u, axis, len(weights))
        pairs = [self._pair(wide, axis, k) for k in range(1, len(weights) + 1)]
        both = zip(weights, pairs, strict=True)
        terms = [w * ((after - u) + (before - u)) for w, (before, after) in both]
        total = sum(terms[1:], terms[0])
        return total / self.grid.spacing(axis) ** 2

    def _pair(self, wide: Array, axis: int, k: int) -> tuple[Array, Array]:
        """The values k points before and after each point, from a padded field."""
        width, count = len(FIRST[self.order]), self.grid.points[axis]
        starts = width - k, width + k
        before, after = (self._cut(wide, axis, start, count) for start in starts)
        return before, after

    def _cut(self, u: Array, axis: int, start: int, count: int) -> Array:
        place = self.grid.place(axis) % u.ndim
        return jax.lax.slice_in_dim(u, start, start + count, axis=place)
