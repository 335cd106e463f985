"""Anderson's iteration for a batch: each example mixes its own last iterates, and stops by itself.

Anderson 1965, "Iterative procedures for nonlinear integral equations"; Walker & Ni 2011, "Anderson
acceleration for fixed-point iterations". The next iterate is the combination of the last values
f(z_i) whose weights, of sum 1, make the same combination of the residuals f(z_i) - z_i smallest.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..engine.devices import while_loop

# On the diagonal of the normal equations of residuals of length 1: what keeps weights bounded where
# residuals are all but dependent.
_RIDGE = 1e-4

State = Float[Array, "B N"]
Lane = Float[Array, " B"]


class Tolerance(NamedTuple):
    """When an example is done: rms(f(z) - z) <= atol + rtol rms(f(z))."""

    rtol: float | Float[Array, ""]
    atol: float | Float[Array, ""]


class Found(NamedTuple):
    """What the iteration came to."""

    values: State
    """The last f(z) of each example."""
    error: Lane
    """Its residual over what the tolerance allows; at most 1 where it converged."""
    evaluations: Int[Array, " B"]
    calls: Int[Array, ""]
    """Evaluations of the batch."""


class _Carry(NamedTuple):
    z: State
    found: Found
    running: Bool[Array, " B"]
    values: Float[Array, "window B N"]
    """The last f(z_i), the oldest overwritten by the newest."""
    residuals: Float[Array, "window B N"]


def anderson(
    function: Callable[[State], State], z0: State, tolerance: Tolerance, max_steps: int, window: int
) -> Found:
    """Iterate z <- f(z) from `z0`, with at most `max_steps` evaluations of each example.

    An example whose values are not finite ends there. `window` iterates are mixed; 1 is the plain
    iteration.
    """
    count, dtype = len(z0), z0.dtype
    empty = jnp.zeros((window, *z0.shape), dtype)
    nothing = Found(
        z0, jnp.full(count, jnp.inf, dtype), jnp.zeros(count, jnp.int32), jnp.zeros((), jnp.int32)
    )
    start = _Carry(z0, nothing, jnp.ones(count, bool), empty, empty)

    def step(carry: _Carry) -> _Carry:
        z, found, running, values, residuals = carry
        new = function(z)
        error = _error(new - z, new, tolerance)
        lanes = running[:, None]
        found = Found(
            jnp.where(lanes, new, found.values),
            jnp.where(running, error, found.error),
            found.evaluations + running,
            found.calls + 1,
        )
        running &= (error > 1) & jnp.isfinite(error)
        place = carry.found.calls % window
        values, residuals = values.at[place].set(new), residuals.at[place].set(new - z)
        filled = jnp.arange(window) <= carry.found.calls
        z = jnp.where(running[:, None], _mix(values, residuals, filled, new), z)
        return _Carry(z, found, running, values, residuals)

    def going(carry: _Carry) -> Bool[Array, ""]:
        return carry.running.any() & (carry.found.calls < max_steps)

    last: _Carry = while_loop(going, step, start)
    return last.found


def _error(residual: State, value: State, tolerance: Tolerance) -> Lane:
    """The size of a residual over what is allowed; 0 of a residual of 0."""
    size = _rms(residual)
    allowed = tolerance.atol + tolerance.rtol * _rms(value)
    return jnp.where(size == 0, 0, size / jnp.maximum(allowed, jnp.finfo(size.dtype).tiny))


def _rms(x: State) -> Lane:
    return jnp.sqrt(jnp.mean(x**2, axis=1))


def _mix(
    values: Float[Array, "window B N"],
    residuals: Float[Array, "window B N"],
    filled: Bool[Array, " window"],
    plain: State,
) -> State:
    """The next iterate of each example; the plain one where no finite combination is found."""
    sizes = jnp.sqrt(jnp.sum(residuals**2, axis=2))
    sizes = jnp.maximum(sizes, jnp.finfo(sizes.dtype).tiny)
    # Residuals shrink by orders of magnitude: at length 1 each, their equations are well scaled.
    unit = residuals / sizes[..., None]
    grams = jnp.einsum("ibn,jbn->bij", unit, unit)
    identity = jnp.eye(len(filled), dtype=plain.dtype)
    there = filled[:, None] & filled
    grams = jnp.where(there, grams, 0) + jnp.where(filled, _RIDGE, 1.0)[:, None] * identity
    smallest = jnp.min(jnp.where(filled[:, None], sizes, jnp.inf), axis=0)
    ones = jnp.where(filled[:, None], smallest / sizes, 0).T
    weights = ones * jnp.linalg.solve(grams, ones[..., None])[..., 0]
    weights = weights / weights.sum(axis=1, keepdims=True)
    mixed = jnp.einsum("bi,ibn->bn", weights, values)
    return jnp.where(jnp.isfinite(mixed).all(axis=1, keepdims=True), mixed, plain)
