"""An event found by the engine: one compiled program, and what it cost."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ...dynamics.base import Dynamics
from ...types import Args, State, Stats
from ..converted import convert
from ..engine import Plan, batch_size
from ..engine.watch import Condition, Watch
from ..parts import PartOf
from ..problem import first_example
from ..solver import Solver
from ..through_engine import prepare, stats_of
from ..times import Times
from .find import find
from .question import Answer, EventReport, Question


@eqx.filter_jit
def through_events(
    dynamics: Dynamics,
    condition: Condition,
    direction: int,
    y0: State,
    args: Args,
    times: Times,
    solver: Solver,
    error_of: PartOf,
) -> tuple[Answer, Stats]:
    """The event of each example, and `Stats`; compiled alone."""
    plan, inputs = prepare(dynamics, y0, args, times, solver, error_of)
    # Arrays that the condition closes over get gradients too.
    time = jnp.zeros((), times.t0.dtype)
    converted = convert(condition, time, *first_example((y0, args)))
    arrays, rest = eqx.partition(converted, eqx.is_array)
    watch = Watch(eqx.combine(jax.lax.stop_gradient(arrays), rest), direction)
    plan = eqx.tree_at(lambda p: p.watch, plan, watch, is_leaf=lambda x: x is None)
    question = Question(inputs.fields, converted, args, y0, inputs.t0, inputs.ends)
    answer, told = find(question, plan, jax.lax.stop_gradient(times))
    return answer, _stats(jax.lax.stop_gradient(told), plan, batch_size(y0), answer.happened)


def _stats(told: EventReport, plan: Plan, count: int, happened: Array) -> Stats:
    """What the solves cost, the steps with which they landed at their events included."""
    stepper, takes = plan.stepper, told.landing.takes
    landed = (takes > 0).astype(jnp.int32)
    stats = stats_of(told.report._replace(accepted=told.report.accepted - landed), plan, count)
    # The slope at the event and that at the start are looked at; a reused one is there already.
    each, first = (stepper.stages - 1, 0) if stepper.reuses else (stepper.stages + 1, 1)
    calls = takes.max() * each + first
    more = (landed, takes - landed, takes * each + first, calls, count * calls)

    def where(s: Stats) -> tuple[Any, ...]:
        return (s.accepted, s.rejected, s.nfe, s.calls, s.work)

    total = tuple(a + b for a, b in zip(where(stats), more, strict=True))
    return eqx.tree_at(where, stats, total)
