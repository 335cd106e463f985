"""The gradient of the times of equal steps: when an end moves, all steps of its piece stretch.

Steps that adapt are constants for the gradient, as everywhere in Diffrax: where they are, and how
large, is the controller's choice. Equal steps are a function of the interval, and a gradient that
left that out would not be that of the values computed.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from .lanes import Lane
from .step import Move
from .way import Way


class TimeGradients(NamedTuple):
    """The gradients of the start and of the end, and of the times wanted, of each lane."""

    t0: Lane
    end: Lane
    outputs: Array | None
    """[T + 1, B], or [T + 1] of lanes in step; the last place takes what is not wanted."""


class Moment(NamedTuple):
    """The times of a step, as what a gradient is taken of."""

    t0: Lane
    start: Lane
    stop: Lane


def moment_of(move: Move) -> Moment:
    """The times of a step."""
    return Moment(move.way.t0, move.start, move.stop)


def at_moment(move: Move, moment: Moment | None) -> Move:
    """The step with other times; as it is where there are none."""
    if moment is None:
        return move
    way = move.way._replace(t0=moment.t0)
    return move._replace(way=way, start=moment.start, stop=moment.stop)


def with_moment(a: TimeGradients, move: Move, a_moment: Moment) -> TimeGradients:
    """The gradients with those of one step's times added."""
    way = move.way
    a_t0, a_end = a.t0 + a_moment.t0, a.end
    for tau, a_tau in ((move.start, a_moment.start), (move.stop, a_moment.stop)):
        with_start, with_end = shares(way, tau)
        # τ = sign (t - t0), where t moves with either end by its share.
        a_t0 = a_t0 + way.sign * (with_start - 1) * a_tau
        a_end = a_end + way.sign * with_end * a_tau
    return a._replace(t0=a_t0, end=a_end)


def with_outputs(a: TimeGradients, way: Way, slot: Array, a_taus: Array) -> TimeGradients:
    """The gradients with those of the times at which outputs were made, τ of them, added."""
    assert a.outputs is not None, "outputs are wanted"
    a_taus = way.sign * a_taus
    outputs = a.outputs
    if slot.ndim == 1:
        outputs = outputs.at[slot].add(a_taus)
    else:
        outputs = outputs.at[slot, jnp.arange(slot.shape[1])].add(a_taus)
    total = a_taus.sum(axis=0)
    return a._replace(t0=a.t0 - (total.sum() if a.t0.ndim < total.ndim else total), outputs=outputs)


def shares(way: Way, tau: Lane) -> tuple[Any, Any]:
    """By how much the time at τ moves with the start and with the end of the interval."""
    first, last = way.length, jnp.zeros_like(way.length)
    if way.jumps:
        first, last = way.pieces.stop[..., 0], _last_jump(way)
    divide = lambda a, b: a / jnp.where(b > 0, b, 1)  # noqa: E731
    with_start = jnp.clip(1 - divide(tau, first), 0, 1)
    return with_start, jnp.clip(divide(tau - last, way.length - last), 0, 1)


def _last_jump(way: Way) -> Lane:
    starts = way.pieces.start
    return jnp.where(starts < way.length[..., None], starts, 0).max(axis=-1)
