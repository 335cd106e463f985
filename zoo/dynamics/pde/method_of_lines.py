"""Partial differential equations as dynamics: their derivatives in space on a grid."""

import math
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from ...errors import ConfigError, DataError
from ...types import Args
from ..base import AbstractBatchDynamics, Time
from ..semilinear import AbstractSemilinearDynamics
from .discretisation import AbstractDiscretisation
from .grid import Grid
from .spectral import Spectral
from .term import AbstractLinearTerm, AbstractTerm


class MethodOfLines(AbstractBatchDynamics):
    """du/dt = the sum of `terms`, of a field on the grid of `space`.

    Burgers' equation with a learned correction, on 64 points of [0, 1):

        space = FiniteDifferences(Grid((64,), (1.0,)), order=2)
        field = MethodOfLines(space, (BurgersFlux(), Diffusion(0.01), LearnedFlux([net], 3)))
        ys, stats = solve(field, u0, solver=Solver(rtol=1e-4, batching="joint"))  # u0 [B, 64]

    The state of an example is [*points], [*points, C], or one vector of these numbers. Any method
    solves it. Where diffusion makes an explicit one take very short steps, so may an implicit one
    (`diffrax.Kvaerno5()`), whose matrices have as many rows as the state, and for a periodic grid
    `SemilinearMethodOfLines`.

    Raises `DataError` for a state that does not fit the grid.
    """

    space: AbstractDiscretisation
    terms: Sequence[AbstractTerm]

    @property
    def grid(self) -> Grid:
        """Where the field lives."""
        return self.space.grid

    def batch(self, t: Time, ys: Float[Array, "B ..."], args: Args) -> Float[Array, "B ..."]:
        """The derivatives of a batch of fields."""
        u = on_grid(ys, self.grid, batched=True)
        total = sum((term(t, u, self.space, args) for term in self.terms), jnp.zeros_like(u))
        return total.reshape(ys.shape)


class SemilinearMethodOfLines(AbstractSemilinearDynamics):
    """The same of a periodic field by its modes, with `linear_terms` told apart.

    The exponential methods take these exactly: Kuramoto and Sivashinsky's equation on [0, 22) is

        space = Spectral(Grid((64,), (22.0,)))
        field = SemilinearMethodOfLines(
            space, (Diffusion(-1.0), Hyperdiffusion(1.0)), (BurgersFlux(),)
        )
        solve(field, u0, solver=Solver(zoo.solve.ETDRK4(), steps=200, t1=50.0))

    The state of an example is [*points], with several components [*points, C], or their vector.

    Raises `ConfigError` where the boundary is not periodic, and `DataError` for a state that does
    not fit the grid.
    """

    space: Spectral
    linear_terms: Sequence[AbstractLinearTerm]
    terms: Sequence[AbstractTerm] = ()
    vector: bool = eqx.field(static=True, default=False)
    """Whether the state is one vector of the field's numbers."""

    def __check_init__(self) -> None:
        if self.space.grid.boundary != "periodic":
            raise ConfigError(
                f"SemilinearMethodOfLines on a grid whose boundary is "
                f"{self.space.grid.boundary!r}: expected 'periodic'. Way out: MethodOfLines, and "
                "an implicit method where it is stiff (diffrax.Kvaerno5())."
            )

    @property
    def grid(self) -> Grid:
        """Where the field lives."""
        return self.space.grid

    def linear(self, args: Args) -> Complex[Array, "..."] | Float[Array, "..."]:
        """The factor of each mode."""
        return sum((term.symbol(self.space) for term in self.linear_terms), jnp.zeros(()))

    def nonlinear(self, t: Time, y: Float[Array, "..."], args: Args) -> Complex[Array, "..."]:
        """The modes of the other terms."""
        u = on_grid(y, self.grid)
        nothing = jnp.zeros_like(self.space.to_modes(u))
        return sum((term.modes(t, u, self.space, args) for term in self.terms), nothing)

    def to_modes(self, y: Float[Array, "..."]) -> Complex[Array, "..."]:
        """The modes [*modes, C] of a state."""
        return self.space.to_modes(on_grid(y, self.grid))

    def from_modes(self, modes: Complex[Array, "..."]) -> Float[Array, "..."]:
        """The state of some modes."""
        u = self.space.from_modes(modes)
        if self.vector:
            return u.reshape(-1)
        return u[..., 0] if u.shape[-1] == 1 else u


def on_grid(ys: Float[Array, "..."], grid: Grid, *, batched: bool = False) -> Float[Array, "... C"]:
    """A state as a field [*points, C], with a batch axis first where there is one.

    Raises `DataError` for as many numbers as make no field.
    """
    shape, points = ys.shape[batched:], grid.points
    if shape[: len(points)] == points and len(shape) in (len(points), len(points) + 1):
        return ys.reshape(*ys.shape[:batched], *points, -1)
    size = math.prod(points)
    if len(shape) != 1 or shape[0] % size:
        raise DataError(
            f"A state of shape {shape} on a grid of {points} points: expected {points}, {points} "
            f"and a number of components, or a vector of a multiple of {size} numbers."
        )
    return ys.reshape(*ys.shape[:batched], *points, -1)
