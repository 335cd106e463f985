"""`fixed_point`: a batch of equations z = f(z, x) to values and `Stats`."""

import math
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ...dynamics.base import describe
from ...errors import DynamicsError
from ...types import Stats
from ..outcomes import Outcome
from .anderson import Found, Tolerance, anderson

Function = Callable[[Array, Any], Array]
"""f(z, x) of one example: the next z, of the shape of z."""


def fixed_point(
    function: Function,
    z0: Float[Array, "B ..."],
    args: PyTree[Array] = None,
    *,
    rtol: float | Float[Array, ""] = 1e-4,
    atol: float | Float[Array, ""] | None = None,
    max_steps: int = 50,
    window: int = 5,
) -> tuple[Float[Array, "B ..."], Stats]:
    """Solve z = f(z, x) for a batch, each example from its `z0`, by Anderson's iteration.

    One loop iterates the batch, and each example stops by itself. The gradient by whatever `f`
    computes with is that of the implicit function theorem, dz = (I - df/dz)⁻¹ df, whose linear
    equation the same iteration solves, at a tenth of `rtol` and with up to four times the steps; no
    iterate is kept. It does not depend on `z0`. Forward mode and second derivatives go too. Where
    that equation is not solved the gradient is NaN, of which training skips the step.

    Bai et al. 2019, "Deep Equilibrium Models".

    Args:
        function: f on one example, (z, x) -> z.
        z0: where to begin, [B, ...].
        args: x, for each example; every array in it has the batch axis first.
        rtol: an example is done where rms(f(z) - z) <= atol + rtol rms(f(z)).
        atol: see there; `rtol` where not given.
        max_steps: evaluations after which an example counts as failed.
        window: iterates that are mixed; 1 is the plain iteration z <- f(z).

    Returns:
        The last f(z), 0 where the example failed, [B, ...]; apply `zoo.solve.marked` after all that
        is computed from it. And `Stats`: `accepted` and `nfe` are the iterations, `time` too, and
        `reached` is 1, or of a failed example what the tolerance allows over its residual.

    Raises `DynamicsError` for a function that does not return what it was given.
    """
    shape, count, width = z0.shape[1:], len(z0), math.prod(z0.shape[1:])
    _check(function, z0, args)
    tolerance = Tolerance(rtol, rtol if atol is None else atol)

    def batch(z: Array) -> Array:
        return jax.vmap(function)(z.reshape(count, *shape), args).reshape(count, width)

    def find(_: Any, z0: Array) -> tuple[Array, Found]:
        found = anderson(batch, z0, tolerance, max_steps, window)
        done = (found.error <= 1) & jnp.isfinite(found.values).all(axis=1)
        # As floats: custom_root differentiates what comes beside the root, and fails on integers.
        told = jax.tree.map(lambda x: x.astype(z0.dtype), found)
        return jnp.where(done[:, None], found.values, 0), told

    def solve_linear(multiply: Callable[[Array], Array], b: Array) -> Array:
        """u with (df/dz - I) u = b, as the fixed point of u <- df/dz u - b; or its transpose."""
        size = jnp.max(jnp.abs(b), axis=1, keepdims=True)
        unit = b / jnp.where(size > 0, size, 1)  # squares of what a loss sends back may vanish
        linear = Tolerance(rtol / 10, 0.0)
        found = anderson(lambda u: u + multiply(u) - unit, -unit, linear, 4 * max_steps, window)
        return jnp.where(found.error[:, None] <= 1, size * found.values, jnp.nan)

    def tangent(multiply: Callable[[Array], Array], b: Array) -> Array:
        out: Array = jax.lax.custom_linear_solve(multiply, b, solve_linear, solve_linear)
        return out

    start = jax.lax.stop_gradient(z0.reshape(count, width))
    z, told = jax.lax.custom_root(lambda z: batch(z) - z, start, find, tangent, has_aux=True)
    return z.reshape(z0.shape), _stats(jax.lax.stop_gradient(told))


def _check(function: Function, z0: Array, args: PyTree[Array]) -> None:
    def one(leaf: Any) -> Any:
        return jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype) if eqx.is_array(leaf) else leaf

    out = eqx.filter_eval_shape(function, *jax.tree.map(one, (z0, args)))
    if (getattr(out, "shape", None), getattr(out, "dtype", None)) != (z0.shape[1:], z0.dtype):
        raise DynamicsError(
            f"A fixed point z = f(z, x) was asked for of a function that maps {describe(one(z0))} "
            f"to {describe(out)}: expected the shape and the type of z."
        )


def _stats(found: Found) -> Stats:
    """What the iteration cost, and how it ended."""
    whole = jnp.isfinite(found.values).all(axis=1)
    failed = jnp.where(whole, Outcome.NOT_CONVERGED, Outcome.NON_FINITE)
    done = whole & (found.error <= 1)
    count, steps = len(found.evaluations), found.evaluations.astype(jnp.int32)
    calls = found.calls.astype(jnp.int32)
    return Stats(
        accepted=steps,
        rejected=jnp.zeros_like(steps),
        nfe=steps,
        result=jnp.where(done, 0, failed).astype(jnp.int32),
        reached=jnp.where(done, 1.0, jnp.nan_to_num(1 / found.error)),
        time=steps.astype(found.values.dtype),
        penalty=jnp.zeros(count, found.values.dtype),
        calls=calls,
        work=count * calls,
    )
