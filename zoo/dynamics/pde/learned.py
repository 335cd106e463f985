"""Terms that are learned: a net of each point's neighbourhood, freely or as a flux."""

from collections.abc import Callable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ...errors import ConfigError
from ...nn.dense import FeedForward
from ...types import Args
from ..base import Time
from .differences import FiniteDifferences
from .discretisation import AbstractDiscretisation
from .grid import Grid
from .term import AbstractTerm


class Learned(AbstractTerm):
    """A net of the values within `radius` points along each axis: a small convolutional net.

    Its first layer is a convolution of 2 radius + 1 points a side, the others act on the channels
    of each point; beyond the ends it sees what the boundary says. `net` maps
    [..., (2 radius + 1)^axes C] to [..., C].
    """

    net: Callable[[Array], Array]
    radius: int = eqx.field(static=True)

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """The net's output at each point."""
        return self.net(neighbourhoods(u, space.grid, self.radius))


class LearnedFlux(AbstractTerm):
    """-div F with a net's flux F through each face, so that the sum of u is what it was.

    The net sees the `radius` values at either side of a face. In the spirit of Bar-Sinai et al.
    2019, "Learning data-driven discretizations for partial differential equations": beside a plain
    scheme it learns what that misses on a coarse grid. `nets` hold one for each axis,
    [..., 2 radius C] to [..., C].

    Raises `ConfigError` on another discretisation than `FiniteDifferences`.
    """

    nets: Sequence[Callable[[Array], Array]]
    radius: int = eqx.field(static=True)

    def __call__(
        self, t: Time, u: Float[Array, "... C"], space: AbstractDiscretisation, args: Args
    ) -> Float[Array, "... C"]:
        """Minus the divergence of the net's flux."""
        if not isinstance(space, FiniteDifferences):
            raise ConfigError(
                f"LearnedFlux on {type(space).__name__}: expected FiniteDifferences, whose cells "
                "have faces. Way out: Learned, whose term is no flux."
            )
        total = jnp.zeros_like(u)
        for axis, net in zip(space.grid.axes, self.nets, strict=True):
            seen = jnp.concatenate(space.faces(u, axis, self.radius), axis=-1)
            total = total - space.divergence(net(seen), axis)
        return total


def neighbourhoods(
    u: Float[Array, "... C"], grid: Grid, radius: int
) -> Float[Array, "... neighbours"]:
    """The values within `radius` points of each along every axis, [..., (2 radius + 1)^axes C]."""
    found = [u]
    for axis in grid.axes:
        wide = [grid.padded(each, axis, radius) for each in found] if radius else found
        place, count = grid.place(axis) % u.ndim, grid.points[axis]
        found = [
            jax.lax.slice_in_dim(each, start, start + count, axis=place)
            for each in wide
            for start in range(2 * radius + 1)
        ]
    return jnp.concatenate(found, axis=-1)


def net_of_neighbours(
    values: int,
    components: int,
    *,
    width: int,
    depth: int,
    activation: Callable[[Array], Array],
    init_scale: float,
    key: PRNGKeyArray,
) -> FeedForward:
    """The net of a learned term, which sees `values` points of `components` each."""
    return FeedForward(
        values * components,
        components,
        width=width,
        depth=depth,
        activation=activation,
        init_scale=init_scale,
        key=key,
    )
