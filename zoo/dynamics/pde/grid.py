"""Equally spaced points of an interval or a rectangle, and what lies beyond its ends."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ...errors import ConfigError

Boundary: TypeAlias = Literal["periodic", "dirichlet"]


@dataclass(frozen=True)
class Grid:
    """`points` along each axis of a box of `lengths`, one axis or several.

    A field on it is an array [..., *points, C] of C components. Where the boundary is `periodic`,
    the points of an axis of length L are 0, h, ..., L - h with h = L / points. Where it is
    `dirichlet`, the field is 0 at both ends, which are no points of the grid: these are h, 2h, ...,
    L - h with h = L / (points + 1). A field with other values there is written as a known function
    with these values and a rest that is 0 there.

    Raises `ConfigError` for axes that are not told alike, points below 2, or lengths that are not
    positive.
    """

    points: tuple[int, ...]
    lengths: tuple[float, ...]
    boundary: Boundary = "periodic"

    def __post_init__(self) -> None:
        fits = 0 < len(self.points) == len(self.lengths)
        if not (fits and min(self.points) > 1 and 0 < min(self.lengths) <= max(self.lengths)):
            raise ConfigError(
                f"A grid of points = {self.points} and lengths = {self.lengths}: expected two "
                "points or more and a positive length for each axis, such as Grid((64,), (1.0,))."
            )
        if self.boundary not in get_args(Boundary):
            raise ConfigError(
                f"boundary = {self.boundary!r}: expected one of {', '.join(get_args(Boundary))}."
            )

    @property
    def axes(self) -> range:
        """The axes by number, from 0."""
        return range(len(self.points))

    def spacing(self, axis: int) -> float:
        """The distance h of neighbours along an axis."""
        gaps = self.points[axis] + (self.boundary == "dirichlet")
        return self.lengths[axis] / gaps

    def coordinates(self, axis: int) -> Float[np.ndarray, " points"]:
        """Where the points lie along an axis, in float64."""
        first = int(self.boundary == "dirichlet")
        return self.spacing(axis) * (np.arange(self.points[axis]) + first)

    def place(self, axis: int) -> int:
        """The axis of an array [..., *points, C] that is an axis of the grid, counted from the
        array's end."""
        return axis - len(self.points) - 1

    def padded(self, u: Float[Array, "..."], axis: int, width: int) -> Float[Array, "..."]:
        """The field with `width` more values at both ends of an axis, by its boundary.

        A periodic field goes on; one that is 0 at its ends is reflected there with its sign
        changed. Where the even derivatives are 0 there too, as for the heat equation and Burgers',
        that is the smooth continuation; elsewhere only the first value beyond is of full order.
        """
        place = self.place(axis) % u.ndim

        def by(width: int) -> list[tuple[int, int]]:
            return [(width, width) if each == place else (0, 0) for each in range(u.ndim)]

        if self.boundary == "periodic":
            return jnp.pad(u, by(width), mode="wrap")
        walled = jnp.pad(u, by(1))
        return jnp.pad(walled, by(width - 1), mode="reflect", reflect_type="odd")
