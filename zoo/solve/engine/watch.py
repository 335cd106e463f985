"""Watching a condition on the way: in which step, and in what part of it, it crosses zero."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ...types import Args, State
from .interval import Interval
from .lanes import Lane, choose
from .step import AbstractStepper, Move, Stages

LOOKS = 8
"""At the ends of so many equal parts of each step the condition is looked at."""
# A start is zero within so many roundings of the condition; an event is found to fewer.
_ZERO = 64


class Sought(NamedTuple):
    """What is known of the event of each lane."""

    value: Float[Array, " lanes"]
    """The condition at the end of the latest accepted step."""
    side: Float[Array, " lanes"]
    """Its sign, 0 while it has not left zero; of a lane that is at its event, that before it."""
    hit: Bool[Array, " lanes"]
    """Whether it has crossed zero, which ended the lane."""
    lost: Bool[Array, " lanes"]
    """Whether it was NaN, which ended the lane too."""
    low: Float[Array, " lanes"]
    """τ between which and `high` it crossed."""
    high: Float[Array, " lanes"]
    guess: Float[Array, " lanes"]
    """τ of the crossing, by a straight line."""

    @property
    def ended(self) -> Bool[Array, " lanes"]:
        """Which lanes are not to go on."""
        return self.hit | self.lost


class Measure(NamedTuple):
    """The condition at one state of each lane."""

    value: Float[Array, " lanes"]
    rate: Float[Array, " lanes"]
    """Its derivative by τ, along the flow."""
    rounding: Float[Array, " lanes"]
    """How much the rounding of time and state alone may change the value."""


Condition: TypeAlias = Callable[[Array, State, Args], Array]
"""g(t, y, args) of one example, a number: its event is where that crosses zero."""


def values_of(condition: Condition, time: Lane, y: State, args: Args) -> Float[Array, " lanes"]:
    """The condition, written for one example, of each lane."""
    axes = (0, eqx.if_array(0), eqx.if_array(0))
    return eqx.filter_vmap(condition, in_axes=axes)(time, y, args).astype(time.dtype)


class Watch(eqx.Module):
    """The event at which a lane ends: where `condition(t, y, args)` of its example crosses zero."""

    condition: Condition
    direction: int = eqx.field(static=True)
    """1 where it must cross upwards, -1 downwards, 0 where either will do."""

    def measure(
        self, span: Interval, time: Lane, y: State, slope: State, args: Args, step: Lane
    ) -> Measure:
        """The condition, how fast it moves, and what rounding does to it within such a `step`."""
        value, pull = jax.vjp(lambda time, y: values_of(self.condition, time, y, args), time, y)
        by_time, by_state = pull(jnp.ones_like(value))

        def dot(a: Array, b: Array) -> Array:
            return jnp.sum((a * b).reshape(a.shape[0], -1), axis=1).astype(value.dtype)

        moved, size = by_time, jnp.abs(by_time * time)
        leaves = map(jax.tree.leaves, (by_state, slope, y))
        for part, slope_part, y_part in zip(*leaves, strict=True):
            moved = moved + dot(part, slope_part)
            size = size + dot(jnp.abs(part), jnp.abs(y_part))
        eps = max(float(jnp.finfo(x.dtype).eps) for x in jax.tree.leaves((time, y)))
        return Measure(value, span.sign * moved, eps * (size + jnp.abs(moved) * step))

    def begin(self, move: Move, y0: State, slope: State, args: Args) -> Sought:
        """Nothing found yet before the first step.

        A start at zero is no event: what counts is the side to which it leaves.
        """
        span, step = move.span, move.stop - move.start
        value, rate, rounding = self.measure(span, move.time(0.0), y0, slope, args, step)
        at_zero = jnp.abs(value) <= _ZERO * rounding
        side = jnp.sign(jnp.where(at_zero, rate, value))
        zero, no = jnp.zeros_like(span.length), jnp.zeros(value.shape, bool)
        value = jnp.where(at_zero, 0, value)
        return Sought(value, side, no, jnp.isnan(value), zero, zero, zero)

    def look(
        self,
        stepper: AbstractStepper,
        sought: Sought,
        args: Args,
        move: Move,
        y0: State,
        stages: Stages,
        kept: Bool[Array, " lanes"],
    ) -> Sought:
        """What is known after a step that was accepted where `kept`: the first crossing in it."""
        taus, values = self._inside(stepper, args, move, y0, stages)
        signs = jnp.sign(values)

        def last(before: Array, sign: Array) -> Array:
            return jnp.where(sign == 0, before, sign)

        sides = jax.lax.associative_scan(last, jnp.concatenate([sought.side[None], signs]))
        crossed = sides[:-1] * signs < 0
        if self.direction:
            crossed &= signs == self.direction
        ends = crossed | jnp.isnan(values)
        first = jnp.argmax(ends, axis=0)

        def at(table: Array, index: Array) -> Array:
            return jnp.take_along_axis(table, index[None], axis=0)[0]

        now = kept & ends.any(axis=0)
        hit = now & at(crossed, first)
        side = at(sides, jnp.where(now, first, LOOKS))
        values = jnp.concatenate([sought.value[None], values])
        low, high = at(taus, first), at(taus, first + 1)
        before, behind = at(values, first), at(values, first + 1)
        share = jnp.where(before * side > 0, before / (before - behind), 0.5)
        found = Sought(values[-1], side, hit, now & ~hit, low, high, low + share * (high - low))
        return choose(kept, found, sought)

    def _inside(
        self, stepper: AbstractStepper, args: Args, move: Move, y0: State, stages: Stages
    ) -> tuple[Array, Array]:
        """τ [LOOKS + 1, lanes] from the start of a step to its end, and all but the first value."""
        shares = jnp.arange(LOOKS, dtype=move.start.dtype) / LOOKS
        inner = move.start + shares[:, None] * (move.stop - move.start)
        taus = jnp.concatenate([inner, move.stop[None]])

        def state(tau: Array) -> State:
            return stepper.interpolate(move, y0, stages.y1, stages.slopes, tau)

        ys = jax.vmap(state)(taus[1:-1])
        ys = jax.tree.map(lambda inside, y1: jnp.concatenate([inside, y1[None]]), ys, stages.y1)

        def value(tau: Array, y: State) -> Array:
            return values_of(self.condition, move.span.time(tau, move.piece), y, args)

        return taus, jax.vmap(value)(taus[1:], ys)
