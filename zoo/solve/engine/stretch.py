"""The gradient of the times of equal steps: when an end moves, all steps of its piece stretch.

Steps that adapt are constants for the gradient, as everywhere in Diffrax: where they are, and how
large, is the controller's choice. Equal steps are a function of the interval, and a gradient that
left that out would not be that of the values computed.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from .interval import Interval
from .lanes import Lane
from .step import Move


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
    return Moment(move.span.t0, move.start, move.stop)


def at_moment(move: Move, moment: Moment | None) -> Move:
    """The step with other times; as it is where there are none."""
    if moment is None:
        return move
    span = move.span._replace(t0=moment.t0)
    return move._replace(span=span, start=moment.start, stop=moment.stop)


def with_moment(a: TimeGradients, move: Move, a_moment: Moment) -> TimeGradients:
    """The gradients with those of one step's times added."""
    span = move.span
    a_t0, a_end = a.t0 + a_moment.t0, a.end
    for tau, a_tau in ((move.start, a_moment.start), (move.stop, a_moment.stop)):
        with_start, with_end = shares(span, tau)
        # τ = sign (t - t0), where t moves with either end by its share.
        a_t0 = a_t0 + span.sign * (with_start - 1) * a_tau
        a_end = a_end + span.sign * with_end * a_tau
    return a._replace(t0=a_t0, end=a_end)


def with_outputs(a: TimeGradients, span: Interval, slot: Array, a_taus: Array) -> TimeGradients:
    """The gradients with those of the times at which outputs were made, τ of them, added."""
    assert a.outputs is not None, "outputs are wanted"
    a_taus = span.sign * a_taus
    outputs = a.outputs
    if slot.ndim == 1:
        outputs = outputs.at[slot].add(a_taus)
    else:
        outputs = outputs.at[slot, jnp.arange(slot.shape[1])].add(a_taus)
    total = a_taus.sum(axis=0)
    return a._replace(t0=a.t0 - (total.sum() if a.t0.ndim < total.ndim else total), outputs=outputs)


def shares(span: Interval, tau: Lane) -> tuple[Lane, Lane]:
    """By how much the time at τ moves with the start and with the end of the interval."""
    first, last = span.length, jnp.zeros_like(span.length)
    if span.jumps:
        first, last = span.pieces.stop[..., 0], _last_jump(span)

    def divide(a: Array, b: Array) -> Array:
        return a / jnp.where(b > 0, b, 1)

    with_start = jnp.clip(1 - divide(tau, first), 0, 1)
    return with_start, jnp.clip(divide(tau - last, span.length - last), 0, 1)


def _last_jump(span: Interval) -> Lane:
    starts = span.pieces.start
    return jnp.where(starts < span.length[..., None], starts, 0).max(axis=-1)
