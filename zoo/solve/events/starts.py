"""The times of solves of which each has a start of its own."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ...types import AnyArray, State
from ..engine.lanes import largest
from ..problem import valid
from ..solver import Solver
from ..solver_times import times_of
from ..times import Times


def times_from(
    solver: Solver, start: Array | None, jumps: AnyArray | None, y0: State, dtype: np.dtype
) -> Times:
    """The times of the solves, each from its own start."""
    times = times_of(solver, None, jumps, dtype, valid(solver, None, jumps))
    if start is None:
        return times
    offsets = jax.lax.stop_gradient(times.ends - start)
    # An example that failed before starts from NaN, which is told of as such.
    good = (jnp.sign(times.offsets) * offsets >= 0) | ~jnp.isfinite(largest(y0, False))
    jump_offsets = None
    if times.jumps is not None:
        jump_offsets = times.jumps - jax.lax.stop_gradient(start)[:, None]
    return Times(
        t0=start,
        ends=times.ends,
        offsets=offsets,
        jumps=times.jumps,
        jump_offsets=jump_offsets,
        valid=jax.lax.stop_gradient(good if times.valid is None else good & times.valid),
        wanted=False,
    )
