"""Derivatives on a grid by the modes of Fourier."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from .discretisation import AbstractDiscretisation, Pointwise
from .grid import Grid

KEPT = 2 / 3
"""The share of the modes that a product of two fields keeps (Orszag 1971)."""


class Spectral(AbstractDiscretisation):
    """Derivatives of the trigonometric polynomial through the points: errors fall exponentially.

    A field that is 0 at both ends of an axis is continued as an odd one of twice the length, so
    that its modes are sines. Derivatives of functions of u leave out the upper third of the modes,
    into which those of a product are folded: Orszag 1971, "On the elimination of aliasing in
    finite-difference schemes by filtering high-wavenumber components". Boyd 2001, "Chebyshev and
    Fourier Spectral Methods".
    """

    grid: Grid = eqx.field(static=True)

    def gradient(
        self, u: Float[Array, "... C"], axis: int, of: Pointwise | None = None
    ) -> Float[Array, "... C"]:
        """The derivative along an axis of u, or of a function `of` u at each point."""
        whole = self._continued(u, axis)
        k = self._wavenumbers(whole.shape[self.grid.place(axis)], axis)
        if of is None:
            return self._filtered(whole, axis, 1j * k)
        return self._filtered(of(whole), axis, 1j * np.where(self._kept(k, axis), k, 0))

    def laplacian(self, u: Float[Array, "... C"]) -> Float[Array, "... C"]:
        """The sum of the second derivatives along all axes."""
        return sum((self._second(u, axis) for axis in self.grid.axes), jnp.zeros_like(u))

    def to_modes(self, u: Float[Array, "... C"]) -> Complex[Array, "... C"]:
        """The modes of a periodic field: those of real fields, half of them along the last axis."""
        return jnp.fft.rfftn(u, axes=[self.grid.place(axis) for axis in self.grid.axes])

    def from_modes(self, modes: Complex[Array, "... C"]) -> Float[Array, "... C"]:
        """The periodic field of some modes, the inverse of `to_modes`."""
        axes = [self.grid.place(axis) for axis in self.grid.axes]
        return jnp.fft.irfftn(modes, s=self.grid.points, axes=axes)

    def wavenumbers(self) -> list[Float[np.ndarray, "..."]]:
        """The k of each axis of `to_modes(u)`, each of a shape that is broadcast to [*modes, 1].

        That of the highest mode of an even number of points is 0: its derivative is 0 at all of
        them.
        """
        last, found = self.grid.axes[-1], []
        for axis in self.grid.axes:
            k = self._wavenumbers(self.grid.points[axis], axis, half=axis == last)
            found.append(k.reshape([-1 if each == axis else 1 for each in (*self.grid.axes, -1)]))
        return found

    def squared_wavenumbers(self) -> Float[Array, "..."]:
        """|k|² of each mode of `to_modes(u)`, that of the highest one in full, [*modes, 1]."""
        last = self.grid.axes[-1]
        total = np.zeros(())
        for axis in self.grid.axes:
            k = self._frequencies(self.grid.points[axis], axis, half=axis == last)
            shape = [-1 if each == axis else 1 for each in (*self.grid.axes, -1)]
            total = total + k.reshape(shape) ** 2
        return jnp.asarray(total)

    def kept(self) -> np.ndarray:
        """Which modes of `to_modes(u)` a product keeps, [*modes, 1]."""
        kept = map(self._kept, self.wavenumbers(), self.grid.axes)
        return np.asarray(np.prod(np.broadcast_arrays(*kept), axis=0))

    def _kept(self, k: np.ndarray, axis: int) -> np.ndarray:
        highest = np.pi / self.grid.spacing(axis)
        kept: np.ndarray = np.abs(k) < KEPT * highest
        return kept

    def _second(self, u: Array, axis: int) -> Array:
        whole = self._continued(u, axis)
        size = whole.shape[self.grid.place(axis)]
        return self._filtered(whole, axis, -(self._frequencies(size, axis) ** 2))

    def _continued(self, u: Array, axis: int) -> Array:
        """One period of the field along an axis."""
        if self.grid.boundary == "periodic":
            return u
        place = self.grid.place(axis)
        wall = jnp.zeros_like(jnp.take(u, jnp.array([0]), axis=place))
        return jnp.concatenate([wall, u, wall, -jnp.flip(u, place)], axis=place)

    def _filtered(self, whole: Array, axis: int, factor: np.ndarray) -> Array:
        """A period with its modes along an axis multiplied, at the points of the grid."""
        place = self.grid.place(axis)
        modes = jnp.fft.rfft(whole, axis=place)
        shape = [1] * whole.ndim
        shape[place] = -1
        shaped = jnp.asarray(factor, modes.dtype).reshape(shape)
        filtered = jnp.fft.irfft(shaped * modes, whole.shape[place], axis=place)
        if self.grid.boundary == "periodic":
            return filtered
        return jnp.take(filtered, jnp.arange(1, 1 + self.grid.points[axis]), axis=place)

    def _frequencies(self, size: int, axis: int, half: bool = True) -> np.ndarray:
        """2π times the frequencies of a period of `size` points along an axis."""
        frequencies = np.fft.rfftfreq if half else np.fft.fftfreq
        k: np.ndarray = 2 * np.pi * frequencies(size, self.grid.spacing(axis))
        return k

    def _wavenumbers(self, size: int, axis: int, half: bool = True) -> np.ndarray:
        k = self._frequencies(size, axis, half)
        if size % 2 == 0:
            k[size // 2] = 0
        return k
