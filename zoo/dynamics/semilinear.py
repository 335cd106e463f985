"""Dynamics with a linear part that is diagonal, in the state's own basis or in another."""

import abc
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..types import Args, State
from .base import AbstractDynamics, Time


class AbstractSemilinearDynamics(AbstractDynamics):
    """dy/dt = L y + N(t, y, args) on **one** example, with a linear part L that is diagonal.

    To write your own, subclass and implement `linear` and `nonlinear`; where L is diagonal in
    another basis than the state's, `to_modes` and `from_modes` as well. A partial differential
    equation with periodic boundary is diagonal in the modes of a Fourier transform. Kuramoto and
    Sivashinsky's, u_t = -u u_x - u_xx - ν u_xxxx on [0, length):

        class KuramotoSivashinsky(zoo.dynamics.AbstractSemilinearDynamics):
            viscosity: jax.Array
            size: int = eqx.field(static=True)
            length: float = eqx.field(static=True)

            @property
            def wavenumbers(self):
                return 2 * jnp.pi * jnp.arange(self.size // 2 + 1) / self.length

            def linear(self, args):
                return self.wavenumbers**2 - self.viscosity * self.wavenumbers**4

            def nonlinear(self, t, u, args):
                return -0.5j * self.wavenumbers * jnp.fft.rfft(u**2)

            def to_modes(self, u):
                return jnp.fft.rfft(u)

            def from_modes(self, modes):
                return jnp.fft.irfft(modes, self.size)

        solve(dynamics, u0, solver=Solver(zoo.solve.ETDRK4(), steps=100, t1=20.0))

    The state stays real and in its own basis everywhere: initial values, outputs, what `nonlinear`
    is given. Modes may be complex; `nonlinear` returns modes, so that no transform is made twice.

    The exponential methods (`zoo.solve.ETDRK2`, `ETDRK4`) take the linear part exactly, Diffrax's
    KenCarp and Sil3 implicitly; any other method solves the whole. Parameters of L get gradients.
    """

    written: ClassVar[str] = "nonlinear"

    @abc.abstractmethod
    def linear(self, args: Args) -> State:
        """The diagonal of L, in the shape of the modes or one that is broadcast to it.

        Real, or complex where the modes are.
        """

    @abc.abstractmethod
    def nonlinear(self, t: Time, y: State, args: Args) -> State:
        """The modes of N at time `t` and state `y`, in the shapes and types of `to_modes(y)`."""

    def to_modes(self, y: State) -> State:
        """The state in the basis in which L is diagonal, a linear map; by default its own."""
        return y

    def from_modes(self, modes: PyTree[Array]) -> State:
        """The state of some modes, the inverse of `to_modes`."""
        return modes

    def linear_modes(self, y: State, args: Args) -> State:
        """The modes of L y."""
        return jax.tree.map(jnp.multiply, self.linear(args), self.to_modes(y))

    def __call__(self, t: Time, y: State, args: Args) -> State:
        """The whole derivative, L y + N(t, y, args)."""
        linear, rest = self.linear_modes(y, args), self.nonlinear(t, y, args)
        return self.from_modes(jax.tree.map(jnp.add, linear, rest))
