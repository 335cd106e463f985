"""The engine's loop: a batch of solves, each by its own steps or all by the same."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from ..controllers import first_step
from ..outcomes import Outcome
from . import record as records
from .lanes import Lane, choose, largest, size
from .outputs import Outputs, begin, make
from .plan import Plan, control, equal_steps
from .record import Record
from .step import Stages, combine, take_step

# Below so many units in the last place of t a step changes nothing that can be told apart.
_ULPS = 16
# Steps this near to the end go to it, since what remained would be rounding.
_END_ULPS = 100
# The share of its stability that a step uses from which on stability, not accuracy, limits it.
_LIMITED = 0.7
# Growth of the state, from one or from its start, that is a blow-up where the steps shrink too.
_GREW = 1e3
# Attempts that were not finite, after the first accepted one, with which a solve is given up.
_STRIKES = 3


class Way(NamedTuple):
    """The interval of each lane, in times that run forward; real time is sign · τ."""

    start: Lane
    stop: Lane
    sign: Lane


class Report(NamedTuple):
    """What the loop tells of each lane, and of the batch."""

    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    result: Int[Array, "*lanes"]
    reached: Float[Array, "*lanes"]
    iterations: Int[Array, ""]


class Carry(NamedTuple):
    """The state of the loop."""

    start: Lane
    stop: Lane
    y: PyTree[Array]
    slope: PyTree[Array] | None
    """The first stage of the next step, where the method reuses it."""
    memory: tuple[Lane, Lane]
    accepted: Int[Array, "*lanes"]
    attempts: Int[Array, "*lanes"]
    running: Bool[Array, "*lanes"]
    base: Lane
    """One and the size of the initial state."""
    strikes: Int[Array, "*lanes"]
    """Attempts that were not finite, after the first accepted one; below zero where there is none
    yet and the latest was not."""
    limited: Int[Array, "*lanes"]
    """Accepted steps that stability limited, rather than accuracy."""
    iterations: Int[Array, ""]
    record: Record | None
    outputs: Outputs | None


def run(
    plan: Plan, field: Any, args: Any, y0: PyTree[Array], way: Way, times: Array | None, keep: bool
) -> tuple[PyTree[Array], Report, Record | None]:
    """The states at the end, or at `times`, [T, B, ...]; what happened; with `keep` the record."""
    carry = _begin(plan, field, args, y0, way, times, keep)
    body = lambda carry: _attempt(plan, field, args, way, carry)  # noqa: E731
    last = jax.lax.while_loop(lambda carry: carry.running.any(), body, carry)
    report = Report(
        last.accepted,
        last.attempts,
        _outcome(plan, way, last),
        jnp.where(way.stop == way.start, 1.0, (last.start - way.start) / (way.stop - way.start)),
        last.iterations,
    )
    if last.outputs is None:
        return last.y, report, last.record
    return jax.tree.map(lambda v: v[:-1], last.outputs.values), report, last.record


def _begin(
    plan: Plan, field: Any, args: Any, y0: Any, way: Way, times: Array | None, keep: bool
) -> Carry:
    h, slope = _first_step(plan, field, args, y0, way)
    stop = _to_end(way.start, jnp.minimum(way.start + h, way.stop), way, True)
    defined = jnp.isfinite(largest((y0, slope), plan.joint))
    running = (way.start < way.stop) & defined
    zero = jnp.zeros(running.shape, jnp.int32)
    one = jnp.ones(running.shape, jnp.result_type(*jax.tree.leaves(y0)))
    outputs = None if times is None else begin(times, way.start, y0)
    record = None
    if keep:
        made = None if outputs is None else outputs.made
        ring = records.ring_size(plan.max_steps, y0)
        record = records.empty(plan.max_steps, ring, way.start, made, y0)
    return Carry(
        start=way.start,
        stop=stop,
        y=y0,
        slope=slope if plan.tableau.reuses else None,
        memory=(one, one),
        accepted=zero,
        attempts=zero,
        running=running,
        base=1 + largest(y0, plan.joint),
        strikes=jnp.where(defined, 0, -1).astype(jnp.int32),
        limited=zero,
        iterations=jnp.zeros((), jnp.int32),
        record=record,
        outputs=outputs,
    )


def _first_step(plan: Plan, field: Any, args: Any, y0: Any, way: Way) -> tuple[Lane, Any]:
    """The first step's size and, where it was looked at or is reused, the slope at the start."""
    t0, t1 = way.sign * way.start, way.sign * way.stop
    if not plan.adaptive:
        h = (way.stop - way.start) / jnp.maximum(equal_steps(plan, way.start, way.stop), 1)
        return h, field(t0, y0, args) if plan.tableau.reuses else None
    if plan.dt0 is not None:
        h = jnp.broadcast_to(plan.dt0, way.start.shape)
        return h, field(t0, y0, args) if plan.tableau.reuses else None
    assert plan.rtol is not None and plan.atol is not None
    return first_step(field, t0, t1, y0, args, plan.order, plan.rtol, plan.atol, plan.norm)


def _attempt(plan: Plan, field: Any, args: Any, way: Way, carry: Carry) -> Carry:
    """One attempt at a step, in all lanes at once; those that have ended stay as they are."""
    tableau, running = plan.tableau, carry.running
    record = carry.record
    if record is not None:
        made = None if carry.outputs is None else carry.outputs.made
        record = records.note(
            record, carry.accepted, running, carry.start, carry.stop, made, carry.y
        )
    stages = take_step(
        field, args, tableau, way.sign, carry.start, carry.stop, carry.y, carry.slope
    )
    accept, finite, start, stop, memory, limited = _judge(plan, way, carry, stages)
    kept = accept & running
    outputs = carry.outputs
    if outputs is not None:
        y0, y1 = carry.y, stages.y1
        outputs = make(
            plan, outputs, carry.start, carry.stop, y0, y1, stages.slopes, way.sign, kept
        )
    attempts = carry.attempts + running
    large = jnp.maximum(jnp.abs(start), 1e-3 * (way.stop - way.start))
    short = (stop - start <= _ULPS * jnp.finfo(start.dtype).eps * large) | (not plan.adaptive)
    short &= running & ~accept
    bad = (running & ~finite).astype(jnp.int32)
    strikes = jnp.where(carry.accepted > 0, jnp.maximum(carry.strikes, 0) + bad, -bad)
    lost = plan.adaptive & _lost(plan, way, carry, start, stop, attempts, strikes)
    going = (start < way.stop) & (attempts < plan.max_steps) & ~short & ~lost
    slope = carry.slope
    if tableau.reuses:
        slope = choose(kept, stages.slopes[-1], carry.slope)
    return Carry(
        start=jnp.where(running, start, carry.start),
        stop=jnp.where(running, stop, carry.stop),
        y=choose(kept, stages.y1, carry.y),
        slope=slope,
        memory=choose(running, memory, carry.memory),
        accepted=carry.accepted + kept,
        attempts=attempts,
        running=running & going,
        base=carry.base,
        strikes=jnp.where(running, strikes, carry.strikes),
        limited=carry.limited + (kept & limited),
        iterations=carry.iterations + 1,
        record=record,
        outputs=outputs,
    )


def _lost(
    plan: Plan, way: Way, carry: Carry, start: Lane, stop: Lane, attempts: Any, strikes: Any
) -> Bool[Array, "*lanes"]:
    """Whether going on is pointless, so that a lane does not keep the others waiting.

    It has met values that are not finite again and again; or its state has grown while its steps
    have shrunk so far that ten times the attempts left would not do.
    """
    met = (strikes >= _STRIKES) & (4 * strikes > carry.accepted)
    left = (plan.max_steps - attempts).astype(start.dtype)
    hopeless = way.stop - start > 10 * left * (stop - start)
    return met | (hopeless & (_growth(plan, carry.y, carry.base) > 10 * _GREW))


def _growth(plan: Plan, y: PyTree, base: Lane) -> Lane:
    """How large the state is, in units of one or of its start."""
    return largest(y, plan.joint) / base


def _judge(plan: Plan, way: Way, carry: Carry, stages: Stages) -> tuple[Any, ...]:
    """Whether to accept, whether all was finite, the next interval, and whether it was limited."""
    if not plan.adaptive:
        count = equal_steps(plan, way.start, way.stop)
        finite = jnp.isfinite(largest(stages.y1, plan.joint))
        start = jnp.where(finite, carry.stop, carry.start)
        done, whole = carry.accepted + 2, jnp.maximum(count, 1)
        share = done.astype(start.dtype) / whole.astype(start.dtype)
        stop = way.start + (way.stop - way.start) * share
        stop = jnp.where(done >= count, way.stop, stop)
        return finite, finite, start, stop, carry.memory, jnp.zeros_like(finite)
    h = way.sign * (carry.stop - carry.start)
    estimate = combine(h, plan.tableau.error, stages.slopes)
    error = plan.error(estimate, carry.y, stages.y1)
    accept, start, stop, memory = control(error, carry.start, carry.stop, carry.memory, plan.order)
    start = jnp.minimum(start, way.stop)
    stop = _to_end(start, stop, way, accept)
    return accept, jnp.isfinite(error), start, stop, memory, _limited(plan, h, stages)


def _to_end(start: Lane, stop: Lane, way: Way, accept: Any) -> Lane:
    """The stop of a step that would leave next to nothing, or go beyond the end, set right."""
    scale = jnp.maximum(jnp.abs(way.start), jnp.abs(way.stop))
    near = stop > way.stop - _END_ULPS * jnp.finfo(stop.dtype).eps * scale
    return jnp.where(near, jnp.where(accept, way.stop, start + 0.5 * (way.stop - start)), stop)


def _limited(plan: Plan, h: Lane, stages: Stages) -> Bool[Array, "*lanes"]:
    """Whether the step is about as long as the method is stable for.

    The last two stages tell how strongly the field answers to a change of the state: Hairer &
    Wanner, *Solving Ordinary Differential Equations II*, IV.2.
    """
    change = lambda pair: jax.tree.map(jnp.subtract, pair[-1], pair[-2])  # noqa: E731
    of_slopes = size(change(stages.slopes), plan.joint)
    of_states = size(change(stages.states), plan.joint)
    return jnp.abs(h) * of_slopes > _LIMITED * plan.tableau.stability * of_states


def _outcome(plan: Plan, way: Way, last: Carry) -> Int[Array, "*lanes"]:
    """The code of `Outcome`; the first that fits."""
    whole = jnp.isfinite(largest(last.y, plan.joint))
    growth = _growth(plan, last.y, last.base)
    # Ended before its attempts were used up: given up, or no step was left to take.
    early = last.attempts < plan.max_steps
    shrunk = early | (way.stop - last.start > plan.max_steps * (last.stop - last.start))
    struck = (last.strikes < 0) | (early & (last.strikes >= (_STRIKES if plan.adaptive else 1)))
    cases = [
        ((last.start >= way.stop) & whole, Outcome.SUCCESS),
        (whole & shrunk & (growth > _GREW), Outcome.GREW),
        (struck | ~whole, Outcome.NON_FINITE),
        (early, Outcome.STEP_UNDERFLOW),
        (2 * last.limited > last.accepted, Outcome.STIFF),
    ]
    code = jnp.asarray(Outcome.MAX_STEPS, jnp.int32)
    for condition, outcome in reversed(cases):
        code = jnp.where(condition, jnp.asarray(outcome, jnp.int32), code)
    return code
