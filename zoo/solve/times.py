"""The times of a solve, and how far they are from its start: taken before anything is rounded."""

from collections.abc import Sequence
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Bool, Float

from ..types import AnyArray

TimesLike: TypeAlias = ArrayLike | Sequence[float] | Sequence[Sequence[float]]
"""Times as `solve` takes them: an array, a number, or lists of numbers."""


class Times(eqx.Module):
    """When a solve begins and ends, what it is asked for in between, and where its field jumps.

    A solve counts its time from its start. In float32 the times 738000 and 738000.02 are one
    number; their distance, 0.02, is not lost where it is taken from the numbers as they were given.
    """

    t0: Float[Array, "*starts"]
    """The start, as the field sees it: [], or [B] where each example has its own."""
    ends: Float[Array, "*times"]
    """The end, [], or the times wanted, [T] or [B, T], as the field sees them."""
    offsets: Float[Array, "..."]
    """`ends - t0`."""
    jumps: Float[Array, "*jumps"] | None
    """Times at which the field jumps, [K] or [B, K], as the field sees them."""
    jump_offsets: Float[Array, "..."] | None
    """`jumps - t0`."""
    valid: Bool[Array, "*batch"] | None
    """Whether the numbers of the solve make sense, [] or [B]; None where that was checked."""
    wanted: bool = eqx.field(static=True)
    """Whether values are wanted at `ends`, and not at the end alone."""


def moving(times: Times, t0: Array, ends: Array) -> Times:
    """The times, as functions of the start and of `ends`, whose values these already are.

    Distances keep their precision, and have the gradients of what they are between.
    """

    def since(offsets: Array, at: Array) -> Array:
        exact = at - t0
        return offsets + (exact - jax.lax.stop_gradient(exact))

    def where(t: Times) -> tuple[object, ...]:
        return (t.t0, t.ends, t.offsets)

    moved = eqx.tree_at(where, times, (t0, ends, since(times.offsets, ends)))
    if times.jumps is None or times.jump_offsets is None:
        return moved
    # Padding is infinite, and infinity less infinity is no number.
    at = jnp.where(jnp.isfinite(times.jumps), times.jumps, 0)
    return eqx.tree_at(lambda t: t.jump_offsets, moved, since(times.jump_offsets, at))


def axes_of(times: Times) -> Times:
    """For `vmap` over a batch: 0 where each example has times of its own, None where all share."""

    def rows(x: Array | None, axes: int) -> int | None:
        return None if x is None or x.ndim < axes else 0

    ends, jumps = rows(times.ends, 2), rows(times.jumps, 2)
    own = (ends, ends, jumps, jumps, rows(times.valid, 1))

    def where(t: Times) -> tuple[object, ...]:
        return (t.ends, t.offsets, t.jumps, t.jump_offsets, t.valid)

    shared = jax.tree.map(lambda _: None, times)
    axes: Times = eqx.tree_at(where, shared, own, is_leaf=lambda x: x is None)
    return axes


def as_times(times: TimesLike | None) -> AnyArray | None:
    """JAX arrays as they are; anything else as a NumPy array of 64 bits, which loses nothing."""
    if times is None or isinstance(times, jax.Array):
        return times
    return np.asarray(times, np.float64)
