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
from ...types import State
from ..controllers import expand_to
from ..times import Times
from .interval import Interval
from .plan import Plan


def push_forward(
    forward: Callable[[Any], Any],
    inputs: Any,
    moved: Any,
    solved: tuple[Plan, Times, Interval],
    values: tuple[PyTree[Array], Array | None],
    ok: Bool[Array, "*lanes"],
) -> Any:
    """How `values`, which are `forward(inputs)`, move where the inputs do as `moved` says.

    None stands for what does not move. Failed examples do not either.
    """
    plan, times, span = solved
    of = moved._replace(probe=None)
    if plan.adaptive:
        of = of._replace(y0=_from_start(inputs, moved, span), t0=None, ends=None)
    own = jax.tree.map(lambda x, t: None if t is None else x, inputs, of)
    _, (states, costs) = jax.jvp(lambda own: forward(eqx.combine(own, inputs)), (own,), (of,))
    if plan.adaptive and moved.ends is not None:
        by_ends = _by_ends(inputs, moved.ends, times, span, values[0])
        states = jax.tree.map(jnp.add, states, by_ends)
    solved_at = ok[None] if times.wanted and ok.ndim else ok

    def still(ok: Array, dy: Array) -> Array:
        return jnp.where(expand_to(ok, dy), dy, 0)

    states = jax.tree.map(lambda dy: still(solved_at, dy), states)
    return states, None if costs is None else still(ok, costs)


def _from_start(inputs: Any, moved: Any, span: Interval) -> PyTree:
    """How the initial state moves: a later start is as if it had been elsewhere at this one."""
    if moved.t0 is None:
        return moved.y0
    slope = inputs.fields.all(span.first_time(), inputs.y0, inputs.args)

    def leaf(k: Array, dy: Array | None) -> Array:
        late = -expand_to(moved.t0, k) * k
        return late if dy is None else dy + late

    return jax.tree.map(leaf, slope, moved.y0)


def _by_ends(
    inputs: Any, moved: Array, times: Times, span: Interval, values: PyTree[Array]
) -> State:
    """What a later end, or later times wanted, add to how the values move."""
    if not times.wanted:
        slope = inputs.fields.all(span.last_time(), values, inputs.args)
        return jax.tree.map(lambda k: expand_to(moved, k) * k, slope)
    one_time_for_all(span, times.ends)

    def one(row: tuple[Array, Array, Any]) -> Any:
        time, later, value = row
        slope = inputs.fields.all(jnp.broadcast_to(time, span.sign.shape), value, inputs.args)
        return jax.tree.map(lambda k: expand_to(later, k) * k, slope)

    return jax.lax.map(one, (times.ends.T, moved.T, values))


def one_time_for_all(span: Interval, ends: Array) -> None:
    """Raise `ConfigError` for times of which each example has its own where all share their steps.

    The field is then evaluated at one time for all, and has no slope at each one's own.
    """
    if span.sign.ndim == 0 and ends.ndim == 2:
        raise ConfigError(
            "batching='joint' gives no derivative by times [B, T], of which each example has its "
            "own: use batching='per-sample', or keep the times out of what is differentiated."
        )
