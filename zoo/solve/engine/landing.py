"""The last step of a lane that met its event: taken anew, so that it ends there.

Its end is sought by Newton's method on real steps, between the two places where the interpolant
was seen on either side of zero. The event is then the end of a step as any other: as exact as the
method, whatever its interpolant, and part of the record that the gradient goes back through.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ...types import Args, State
from .carry import Carry
from .devices import while_loop
from .interval import Interval
from .lanes import Lane, choose, largest, masked, one_of, write
from .plan import Plan
from .step import Move
from .watch import LOOKS

# Newton's method takes two or three; halving alone, where the condition is a staircase, some fifty.
_MOST = 64
# So many roundings of the condition are zero.
_ZERO = 4


class Landing(NamedTuple):
    """Where the steps that end at an event have come to."""

    tau: Lane
    """The end of the latest of them."""
    y: State
    slope: State
    """The field there."""
    shift: Float[Array, " B"]
    """How far from there, in τ, the event still is: Newton's last step, which is not taken. NaN
    where the state or the condition is not finite."""
    pending: Bool[Array, " B"]
    """Whether a step is still to be taken."""
    takes: Int[Array, " B"]
    """Steps that were."""


class _Search(NamedTuple):
    """The state of the search: the next step's end, its bounds, and the latest step."""

    tau: Lane
    low: Lane
    high: Lane
    found: Landing


def land(plan: Plan, field: Any, args: Args, span: Interval, last: Carry) -> tuple[Carry, Landing]:
    """The carry with the lanes that met their event at it, one accepted step later."""
    sought = last.sought
    assert sought is not None, "an event is looked for"
    zero, nothing = jnp.zeros_like(span.length), jax.tree.map(jnp.zeros_like, last.y)
    none = jnp.zeros(sought.hit.shape, jnp.int32)
    found = Landing(sought.guess, last.y, nothing, zero, sought.hit, none)
    search = _Search(sought.guess, sought.low, sought.high, found)

    def body(search: _Search) -> _Search:
        return _step_again(plan, field, args, span, last, search)

    found = while_loop(lambda s: s.found.pending.any(), body, search).found
    record = last.record
    if record is not None:
        assert record.times is not None, "a step that ends at an event is noted"
        record = record._replace(times=write(record.times, last.accepted + 1, found.tau))
    last = last._replace(
        start=jnp.where(sought.hit, found.tau, last.start),
        y=choose(sought.hit, found.y, last.y),
        accepted=last.accepted + one_of(sought.hit),
        record=record,
    )
    return last, found._replace(slope=masked(sought.hit, found.slope))


def _step_again(
    plan: Plan, field: Any, args: Args, span: Interval, last: Carry, search: _Search
) -> _Search:
    """One more step of each lane that is pending, and where the next one is to end."""
    sought, found, (tau, low, high, _) = last.sought, search.found, search
    assert sought is not None and plan.watch is not None, "an event is looked for"
    move = Move(span, span.piece(last.piece), last.start, tau, last.accepted)
    stages = plan.stepper.take(field, args, move, last.y, last.slope, whole=True)
    time = move.time(1.0)
    slope = stages.slopes[-1] if plan.stepper.reuses else field(time, stages.y1, args)
    step = LOOKS * (sought.high - sought.low)
    value, rate, rounding = plan.watch.measure(span, time, stages.y1, slope, args, step)
    before = value * sought.side > 0
    low, high = jnp.where(before, tau, low), jnp.where(before, high, tau)
    shift = -value / rate
    newton = tau + shift
    inside = (low < newton) & (newton < high)
    eps = jnp.finfo(tau.dtype).eps
    close = (jnp.abs(shift) <= eps ** (2 / 3) * step) | (jnp.abs(value) <= _ZERO * rounding)
    whole = jnp.isfinite(largest(stages.y1, plan.joint)) & ~jnp.isnan(value)
    done = close | (high - low <= 2 * eps * high) | (found.takes + 1 >= _MOST) | ~whole
    shift = jnp.where((inside | close) & jnp.isfinite(shift), shift, 0)
    shift = jnp.where(whole, shift, jnp.nan)
    takes = found.takes + one_of(found.pending)
    new = Landing(tau, stages.y1, slope, shift, found.pending & ~done, takes)
    new = choose(found.pending, new, found)._replace(takes=takes)
    return _Search(jnp.where(inside, newton, low + 0.5 * (high - low)), low, high, new)
