"""The times of a solve by its solver: taken from the numbers as they were given."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

from ..types import AnyArray
from .solver import Solver
from .times import Times


def times_of(
    solver: Solver,
    ts: AnyArray | None,
    jumps: AnyArray | None,
    dtype: np.dtype,
    valid: Array | None,
) -> Times:
    """The times of a solve by a resolved solver, in the floating type `dtype`."""
    ends = solver.t1 if ts is None else ts

    def number(x: object) -> Array | None:
        return None if x is None else jnp.asarray(x, dtype)

    t0, last, at = number(solver.t0), number(ends), number(jumps)
    assert t0 is not None and last is not None, "a resolved solver"
    offsets = _since(solver.t0, ends, dtype)
    factor = number(solver.stretch)
    if ts is None and factor is not None:
        offsets, last = offsets * jax.lax.stop_gradient(factor), t0 + factor * (last - t0)
    return Times(
        t0=t0,
        ends=last,
        offsets=offsets,
        jumps=None if at is None else jax.lax.stop_gradient(at),
        jump_offsets=None if jumps is None else _since(solver.t0, jumps, dtype),
        valid=valid,
        wanted=ts is not None,
    )


def _since(t0: Any, times: Any, dtype: np.dtype) -> Shaped[Array, "..."]:
    """`times - t0` in the widest type that is to be had, then in `dtype`; without a gradient."""
    if isinstance(t0, jax.Array) or isinstance(times, jax.Array):
        difference = jnp.asarray(times) - t0  # a plain number takes the array's type
    else:
        difference = np.asarray(times, np.float64) - t0
    return jax.lax.stop_gradient(jnp.asarray(difference, dtype))
