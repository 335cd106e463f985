"""The forward derivative of a solve: the loop once more, with tangents beside the states.

As in the backward pass step sizes are constants, and start and end move the states as the field
does there.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, PyTree

from ...errors import ConfigError
from ..controllers import against
from .carry import Way


def push_forward(
    forward: Callable[[Any], PyTree[Array]],
    inputs: Any,
    moved: Any,
    way: Way,
    values: PyTree[Array],
    ok: Bool[Array, "*lanes"],
) -> PyTree[Array]:
    """How `values`, which are `forward(inputs)`, move where the inputs do as `moved` says.

    None stands for what does not move. Failed examples do not either.
    """
    of = moved._replace(y0=_from_start(inputs, moved, way), t0=None, ends=None)
    own = jax.tree.map(lambda x, t: None if t is None else x, inputs, of)
    _, out = jax.jvp(lambda own: forward(eqx.combine(own, inputs)), (own,), (of,))
    if moved.ends is not None:
        out = jax.tree.map(jnp.add, out, _by_ends(inputs, moved.ends, way, values))
    first = jax.tree.leaves(values)[0].ndim - jax.tree.leaves(inputs.y0)[0].ndim
    solved = ok[None] if first and ok.ndim else ok
    return jax.tree.map(lambda dy: jnp.where(against(solved, dy), dy, 0), out)


def _from_start(inputs: Any, moved: Any, way: Way) -> PyTree:
    """How the initial state moves: a later start is as if it had been elsewhere at this one."""
    if moved.t0 is None:
        return moved.y0
    slope = inputs.fields.all(way.sign * way.start, inputs.y0, inputs.args)

    def leaf(k: Array, dy: Array | None) -> Array:
        late = -against(moved.t0, k) * k
        return late if dy is None else dy + late

    return jax.tree.map(leaf, slope, moved.y0)


def _by_ends(inputs: Any, moved: Array, way: Way, values: PyTree[Array]) -> PyTree[Array]:
    """What a later end, or later times wanted, add to how the values move."""
    if moved.ndim == 0:
        slope = inputs.fields.all(way.sign * way.stop, values, inputs.args)
        return jax.tree.map(lambda k: against(moved, k) * k, slope)
    one_time_for_all(way, inputs.ends)

    def one(row: tuple[Array, Array, Any]) -> Any:
        time, later, value = row
        slope = inputs.fields.all(jnp.broadcast_to(time, way.sign.shape), value, inputs.args)
        return jax.tree.map(lambda k: against(later, k) * k, slope)

    return jax.lax.map(one, (inputs.ends.T, moved.T, values))


def one_time_for_all(way: Way, ends: Array) -> None:
    """Raise `ConfigError` for times of which each example has its own where all share their steps.

    The field is then evaluated at one time for all, and has no slope at each one's own.
    """
    if way.sign.ndim == 0 and ends.ndim == 2:
        raise ConfigError(
            "batching='joint' gives no derivative by times [B, T], of which each example has its "
            "own: use batching='per-sample', or keep the times out of what is differentiated."
        )
