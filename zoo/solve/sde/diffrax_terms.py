"""Drift, diffusion and path of one example as Diffrax takes them."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import lineax
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from ...dynamics.base import Dynamics
from ...types import Args
from ..engine.interval import Interval
from ..solver import Solver
from .field import Motion

RESOLUTION = 14
"""Where steps adapt, the path is drawn down to 2^-14 of the interval."""


class _Drift(eqx.Module):
    """sign f(t0 + sign τ, y): Diffrax counts time from the start, forward."""

    drift: Any
    span: Interval

    def __call__(self, tau: Any, y: Array, args: Args) -> Array:
        f = self.drift(self.span.time(tau, self.span.pieces), y, args)
        return self.span.sign.astype(f.dtype) * f


class _Diffusion(eqx.Module):
    """g(t0 + sign τ, y), as what multiplies the motion along the interval."""

    diffusion: Any
    span: Interval
    elementwise: bool = eqx.field(static=True)

    def __call__(self, tau: Any, y: Array, args: Args) -> Array | lineax.DiagonalLinearOperator:
        g = self.diffusion(self.span.time(tau, self.span.pieces), y, args)
        return lineax.DiagonalLinearOperator(g) if self.elementwise else g


def terms_of(
    drift: Dynamics,
    diffusion: Dynamics,
    span: Interval,
    motion: Motion,
    path: diffrax.VirtualBrownianTree,
) -> diffrax.MultiTerm:
    """f dτ + g dW of how far the solve has come."""
    return diffrax.MultiTerm(
        diffrax.ODETerm(_Drift(drift, span)),
        diffrax.ControlTerm(_Diffusion(diffusion, span, motion.elementwise), path),
    )


def path_of(
    key: PRNGKeyArray, length: Array, shape: tuple[int, ...], dtype: np.dtype, solver: Solver
) -> diffrax.VirtualBrownianTree:
    """A path with what the method asks of its areas; steps of any number see the same one."""
    levels = RESOLUTION if solver.steps is None else (solver.steps - 1).bit_length() + 1
    wanted = getattr(solver.method, "minimal_levy_area", diffrax.BrownianIncrement)
    space_time = issubclass(wanted, diffrax.AbstractSpaceTimeLevyArea)
    return diffrax.VirtualBrownianTree(
        jnp.zeros_like(length),
        length,
        tol=jax.lax.stop_gradient(length) * 2.0**-levels,
        shape=jax.ShapeDtypeStruct(shape, dtype),
        key=key,
        levy_area=diffrax.SpaceTimeLevyArea if space_time else diffrax.BrownianIncrement,
    )
