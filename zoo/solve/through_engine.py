"""The route through the engine of our own: explicit methods, with replay as gradient."""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PyTree

from ..dynamics.base import Dynamics, origin
from ..errors import DynamicsError
from ..regularisers import AbstractStepRegulariser
from ..types import Args, State, Stats
from .converted import convert
from .engine import (
    AbstractStepper,
    Fields,
    Inputs,
    Plan,
    Report,
    batch_size,
    few_lanes,
    own_everywhere,
    replay,
    tableau_of,
)
from .parts import PartOf
from .solver import Solver
from .step_costs import StepCost
from .times import Times


@eqx.filter_jit
def through_engine(
    dynamics: Dynamics,
    y0: State,
    args: Args,
    times: Times,
    solver: Solver,
    error_of: PartOf,
) -> tuple[PyTree[Array], Stats]:
    """The states at the end, or [B, T, ...] at the times wanted, and `Stats`; compiled alone."""
    plan, inputs = prepare(dynamics, y0, args, times, solver, error_of)
    fixed, _ = own_everywhere((jax.lax.stop_gradient(times), y0))
    (values, costs), report = replay(inputs, plan, fixed)
    leave = partial(plan.stepper.leave, dynamics)
    values = jax.vmap(leave)(values) if times.wanted else leave(values)
    if times.wanted:
        values = jax.tree.map(lambda v: jnp.moveaxis(v, 0, 1), values)
    stats = stats_of(jax.lax.stop_gradient(report), plan, batch_size(y0))
    if costs is not None:
        stats = eqx.tree_at(lambda s: s.penalty, stats, jnp.where(stats.ok, costs, 0))
    return values, stats


def prepare(
    dynamics: Dynamics,
    y0: State,
    args: Args,
    times: Times,
    solver: Solver,
    error_of: PartOf,
) -> tuple[Plan, Inputs]:
    """What the engine is to do, and what it is to do it with."""
    dtype = times.t0.dtype
    count = batch_size(y0)
    plan = plan_of(solver, times, count, error_of)
    stepper = plan.stepper
    y0 = stepper.enter(dynamics, y0)
    fields = Fields(_field(stepper, dynamics, count, plan.joint, dtype, y0, args), None)
    if plan.few:
        fields = fields._replace(
            few=_few_field(stepper, dynamics, plan.few, count, dtype, y0, args)
        )
    probe = probe_of(solver.probe, plan, count)
    plan, t0, ends, probe, _ = own_everywhere((plan, times.t0, times.ends, probe, y0))
    return plan, Inputs(fields, args, y0, t0, ends, probe)


def probe_of(probe: Array | None, plan: Plan, count: int) -> Array | None:
    """A probe for each example of this solve; of a solve of another batch all are told."""
    if probe is None or plan.joint:
        return None
    return probe if probe.shape == (count,) else jnp.broadcast_to(probe.sum(), (count,))


def plan_of(solver: Solver, times: Times, count: int, error_of: PartOf) -> Plan:
    """What the engine is to do, by a resolved solver."""
    assert solver.max_steps is not None, "a resolved solver"
    dtype = times.t0.dtype

    def number(x: object) -> Array | None:
        return None if x is None else jax.lax.stop_gradient(jnp.asarray(x, dtype))

    adaptive, joint = not solver.is_constant, solver.batching != "per-sample"
    jumps = 0 if adaptive or times.jumps is None else times.jumps.shape[-1]
    return Plan(
        method=solver.method,
        rtol=number(solver.rtol),
        atol=number(solver.atol),
        dt0=number(solver.dt0),
        dtmax=number(solver.dtmax),
        steps=solver.steps,
        max_steps=solver.max_steps + jumps,  # each may break an equal step in two
        adaptive=adaptive,
        batching=str(solver.batching),
        error_of=error_of,
        few=few_lanes(count) if adaptive and not joint else 0,
        cost=_step_cost(solver, error_of),
    )


def _step_cost(solver: Solver, error_of: PartOf) -> StepCost | None:
    """What the accepted steps cost, where a regulariser charges for them."""
    if not isinstance(solver.regulariser, AbstractStepRegulariser):
        return None
    tableau = tableau_of(solver.method)
    assert tableau is not None, "a solver whose regulariser was checked"
    return StepCost(solver.regulariser, error_of, tableau.error)


def stats_of(report: Report, plan: Plan, count: int) -> Stats:
    """What the solves cost each example and the batch."""

    def each(x: Array) -> Array:
        return jnp.broadcast_to(x, (count,))

    cost = partial(evaluations, plan.stepper, chosen=plan.adaptive and plan.dt0 is None)
    nfe, calls, together = map(cost, (report.attempts, report.attempts.max(), report.together))
    alone = calls - together
    if report.renewed is not None:
        nfe = nfe + report.renewed.each
        together, alone = together + report.renewed.together, alone + report.renewed.few
    return Stats(
        accepted=each(report.accepted),
        rejected=each(report.attempts - report.accepted),
        nfe=each(nfe),
        result=each(report.result),
        reached=each(report.reached),
        time=each(report.time),
        penalty=jnp.zeros((count,)),
        calls=together + alone,
        work=count * together + (plan.few or count) * alone,
    )


def _field(
    stepper: AbstractStepper,
    dynamics: Dynamics,
    count: int,
    joint: bool,
    dtype: np.dtype,
    y0: State,
    args: Args,
) -> Any:
    """What a stepper evaluates of the dynamics of a batch of `count`, traced once."""
    return stepper.field(dynamics, converter(count, joint, dtype, y0, args))


def converter(
    count: int, joint: bool, dtype: np.dtype, y0: State, args: Args
) -> Callable[..., Dynamics]:
    """What traces a function of (t, ys, args) of a batch of `count`.

    With a second function it traces the first as one of (t, ys, (what the second gives, args)).
    Arrays that a function closes over get gradients too.
    """
    y0, args = jax.tree.map(lambda x: x[:count] if eqx.is_array(x) else x, (y0, args))
    # Of these numbers none is computed: the time's type says, as the state's, where it differs.
    each = jnp.real(jax.tree.leaves(y0)[0]).reshape(count, -1)
    time = jnp.sum(each, axis=None if joint else 1, dtype=dtype)

    def trace(function: Dynamics, before: Dynamics | None = None) -> Dynamics:
        given = args if before is None else (before(time, y0, args), args)
        return convert(function, time, y0, given)

    return trace


def _few_field(
    stepper: AbstractStepper,
    dynamics: Dynamics,
    few: int,
    batch_size: int,
    dtype: np.dtype,
    y0: State,
    args: Args,
) -> Any:
    """The dynamics of the last `few` of a batch.

    Raises `DynamicsError` for dynamics that only a whole batch can have.
    """
    try:
        return _field(stepper, dynamics, few, False, dtype, y0, args)
    except (TypeError, ValueError) as error:  # what JAX raises for shapes that do not fit
        raise DynamicsError(
            f"{origin(dynamics)} cannot be evaluated on {few} of a batch of {batch_size} examples, "
            f"as the last that are not done are: {str(error).splitlines()[0]} Way out: pass "
            "what each example has of its own as args, and let no example depend on another."
        ) from error


def evaluations(
    stepper: AbstractStepper, attempts: Int[Array, "..."], chosen: bool
) -> Int[Array, "..."]:
    """Evaluations of the field: a reused first stage is evaluated once, at the very start.

    Choosing the first step costs the slope at the start, which such a method then has already, and
    one more at a trial point.
    """
    if stepper.reuses:
        return attempts * (stepper.stages - 1) + 1 + int(chosen)
    return attempts * stepper.stages + 2 * int(chosen)
