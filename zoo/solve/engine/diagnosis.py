"""Why a lane's solve ends before its interval does: seen on the way, and told at the end."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from ...types import State
from ..outcomes import Outcome
from .carry import Carry
from .interval import Interval
from .lanes import Lane, largest, size
from .plan import Plan
from .step import Stages

# Below so many units in the last place of t a step changes nothing that can be told apart.
_ULPS = 16
# The share of its stability that a step uses from which on stability, not accuracy, limits it.
_LIMITED = 0.7
# Growth of the state, from one or from its start, that is a blow-up where the steps shrink too.
_GREW = 1e3
# Attempts that were not finite, after the first accepted one, with which a solve is given up.
_STRIKES = 3


def too_short(plan: Plan, span: Interval, start: Lane, stop: Lane) -> Bool[Array, "*lanes"]:
    """Whether the next step is too short to change t, or cannot be made any shorter."""
    large = jnp.maximum(start, 1e-3 * span.length)
    tiny = stop - start <= _ULPS * jnp.finfo(start.dtype).eps * large
    return tiny | (not plan.adaptive)


def count_strikes(carry: Carry, finite: Bool[Array, "*lanes"]) -> Int[Array, "*lanes"]:
    """`Carry.strikes` after an attempt."""
    bad = (carry.running & ~finite).astype(jnp.int32)
    return jnp.where(carry.accepted > 0, jnp.maximum(carry.strikes, 0) + bad, -bad)


def lost(
    plan: Plan,
    span: Interval,
    carry: Carry,
    start: Lane,
    stop: Lane,
    attempts: Int[Array, "*lanes"],
    strikes: Int[Array, "*lanes"],
) -> Bool[Array, "*lanes"]:
    """Whether going on is pointless, so that a lane does not keep the others waiting.

    It has met values that are not finite again and again; or its state has grown while its steps
    have shrunk so far that ten times the attempts left would not do.
    """
    met = (strikes >= _STRIKES) & (4 * strikes > carry.accepted)
    left = (plan.max_steps - attempts).astype(start.dtype)
    hopeless = span.length - start > 10 * left * (stop - start)
    return met | (hopeless & (_growth(plan, carry.y, carry.base) > 10 * _GREW))


def limited_by_stability(plan: Plan, h: Lane, stages: Stages) -> Bool[Array, "*lanes"]:
    """Whether the step is about as long as the method is stable for.

    The last two stages tell how strongly the field answers to a change of the state: Hairer &
    Wanner, *Solving Ordinary Differential Equations II*, IV.2.
    """

    def change(pair: Sequence[State]) -> State:
        return jax.tree.map(jnp.subtract, pair[-1], pair[-2])

    of_slopes = size(change(stages.slopes), plan.joint)
    of_states = size(change(stages.states), plan.joint)
    return jnp.abs(h) * of_slopes > _LIMITED * plan.tableau.stability * of_states


def outcome_of(plan: Plan, span: Interval, last: Carry) -> Int[Array, "*lanes"]:
    """The code of `Outcome`; the first that fits."""
    valid = jnp.ones_like(last.running) if span.valid is None else span.valid
    whole = jnp.isfinite(largest(last.y, plan.joint))
    growth = _growth(plan, last.y, last.base)
    # Ended before its attempts were used up: given up, or no step was left to take.
    early = last.attempts < plan.max_steps
    shrunk = early | (span.length - last.start > plan.max_steps * (last.stop - last.start))
    struck = (last.strikes < 0) | (early & (last.strikes >= (_STRIKES if plan.adaptive else 1)))
    cases = [
        (~valid, Outcome.INVALID),
        ((last.start >= span.arrival) & whole, Outcome.SUCCESS),
        (whole & shrunk & (growth > _GREW), Outcome.GREW),
        (struck | ~whole, Outcome.NON_FINITE),
        (early, Outcome.STEP_UNDERFLOW),
        (2 * last.limited > last.accepted, Outcome.STIFF),
    ]
    code = jnp.asarray(Outcome.MAX_STEPS, jnp.int32)
    for condition, outcome in reversed(cases):
        code = jnp.where(condition, jnp.asarray(outcome, jnp.int32), code)
    return code


def _growth(plan: Plan, y: State, base: Lane) -> Lane:
    """How large the state is, in units of one or of its start."""
    return largest(y, plan.joint) / base
