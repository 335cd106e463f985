"""Drift and diffusion of a batch as the engine's steppers take them, and the kinds of noise."""

from typing import Any, Literal, NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics.base import Dynamics, check_parameters, describe, origin
from ...errors import DynamicsError
from ...precision import at_least_float32
from ...types import Args, State
from ..controllers import expand_to
from ..demands import looks_at
from ..engine.lanes import Lane

Noise: TypeAlias = Literal["diagonal", "general", "additive"]


class Motion(NamedTuple):
    """The Brownian motion of one example, and how a diffusion acts on it."""

    shape: tuple[int, ...]
    elementwise: bool
    """Whether g has the state's shape and each of its entries a motion of its own; else it is a
    matrix, whose last axis is that of the motions."""


class Field(eqx.Module):
    """f and g of dy = f(t, y) dt + g(t, y) dW, of a batch."""

    drift: Dynamics
    diffusion: Dynamics
    elementwise: bool = eqx.field(static=True)
    """As in `Motion`."""

    def __call__(self, t: Array, y: State, args: Args) -> tuple[Array, Array]:
        """f and g; of a state (y, ŷ) those at ŷ."""
        at = y[1] if isinstance(y, tuple) else y
        return self.drift(t, at, args), self.diffusion(t, at, args)

    def change(
        self, t: Array, y: Array, args: Args, h: Lane, noise: Array
    ) -> Float[Array, "B ..."]:
        """f h + g ΔW."""
        return self.of_slopes(self(t, y, args), h, noise)

    def of_slopes(self, slopes: tuple[Array, Array], h: Lane, noise: Array) -> Array:
        """f h + g ΔW, [B, ...], of values (f, g)."""
        f, g = slopes
        return expand_to(h, f) * f + driven(g, noise, self.elementwise)


def driven(g: Array, noise: Array, elementwise: bool) -> Float[Array, "B ..."]:
    """g ΔW of a batch."""
    if elementwise:
        return g * noise
    return jnp.sum(g * noise.reshape(len(g), *[1] * (g.ndim - 2), -1), axis=-1)


def motion_of(diffusion: Dynamics, noise: Noise, y: jax.ShapeDtypeStruct, args: Args) -> Motion:
    """The Brownian motion of one example, whose state and args are given by shape.

    Raises `DynamicsError` for a diffusion that does not return what its kind of noise is.
    """
    check_parameters(diffusion, y)
    t = jax.ShapeDtypeStruct((), at_least_float32(y.dtype))
    g = eqx.filter_eval_shape(diffusion, t, y, args)
    shape, dtype = getattr(g, "shape", None), getattr(g, "dtype", None)
    elementwise = shape == y.shape
    matrix = shape is not None and len(shape) == y.ndim + 1 and shape[:-1] == y.shape
    fits = {"diagonal": elementwise, "general": matrix, "additive": elementwise or matrix}[noise]
    if not fits or dtype != y.dtype:
        raise DynamicsError(
            f"{origin(diffusion)} does not return a diffusion.\n"
            f"  got:      {describe(g)}\n"
            f"  expected: {_expected(noise, y)}, of the state's floating type, for one example "
            f"with noise={noise!r}."
        )
    if noise == "additive" and _depends_on_state(diffusion, y, args):
        raise DynamicsError(
            f"{origin(diffusion)} depends on the state.\n"
            "  got:      a diffusion with a derivative by y, and noise='additive'\n"
            f"  expected: a function of t and args alone, or noise="
            f"{'diagonal' if elementwise else 'general'!r}."
        )
    return Motion(g.shape if elementwise else g.shape[-1:], elementwise)


def _expected(noise: Noise, y: jax.ShapeDtypeStruct) -> str:
    matrix = f"{describe(y)[:-1]}{', ' if y.ndim else ''}m] for m motions that act on all of it"
    return {
        "diagonal": f"{describe(y)}, the shape of the state, a motion for each of its entries",
        "general": matrix,
        "additive": f"{describe(y)}, or {matrix}",
    }[noise]


def _depends_on_state(diffusion: Dynamics, y: jax.ShapeDtypeStruct, args: Args) -> bool:
    """Whether the derivative of a diffusion by y is anything but a zero that is known."""

    def derivative(t: Array, pair: Any, args: Args) -> Any:
        return jax.jvp(lambda y: diffusion(t, y, args), pair[:1], pair[1:])[1]

    return bool(looks_at(derivative, (y, y), args)[1][1])
