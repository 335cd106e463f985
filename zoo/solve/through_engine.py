"""The route through the engine of our own: explicit methods, with replay as gradient."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ..dynamics.base import Dynamics, lift
from ..types import Stats
from .engine import Inputs, Plan, Tableau, replay
from .solver import Solver


@eqx.filter_jit
def through_engine(
    dynamics: Dynamics,
    y0: PyTree[Array],
    args: Any,
    ts: Array | None,
    solver: Solver,
    controlled: Callable[[PyTree], PyTree],
) -> tuple[PyTree[Array], Stats]:
    """The states at the end, or [B, T, ...] at `ts`, and `Stats`; compiled on its own."""
    assert solver.method is not None and solver.max_steps is not None, "a resolved solver"
    dtype = jnp.result_type(jnp.float32, *jax.tree.leaves(y0))
    number = lambda x: None if x is None else jax.lax.stop_gradient(jnp.asarray(x, dtype))  # noqa: E731
    plan = Plan(
        method=solver.method,
        rtol=number(solver.rtol),
        atol=number(solver.atol),
        dt0=number(solver.dt0),
        steps=solver.steps,
        max_steps=solver.max_steps,
        adaptive=not solver.is_constant,
        batching=str(solver.batching),
        controlled=controlled,
    )
    batch_size = jax.tree.leaves(y0)[0].shape[0]
    time = jax.ShapeDtypeStruct(() if plan.joint else (batch_size,), dtype)
    # Traced once for all stages; arrays that a function closes over get gradients too.
    field = eqx.filter_closure_convert(lift(dynamics), time, y0, args)
    ends = jnp.asarray(solver.t1 if ts is None else ts, dtype)
    inputs = Inputs(field, args, y0, jnp.asarray(solver.t0, dtype), ends)
    values, report = replay(inputs, plan, ts is not None)
    if ts is not None:
        values = jax.tree.map(lambda v: jnp.moveaxis(v, 0, 1), values)
    each = lambda x: jnp.broadcast_to(x, (batch_size,))  # noqa: E731
    accepted, attempts, result, reached, iterations = jax.lax.stop_gradient(report)
    chosen = plan.adaptive and plan.dt0 is None
    return values, Stats(
        accepted=each(accepted),
        rejected=each(attempts - accepted),
        nfe=each(evaluations(plan.tableau, attempts, chosen)),
        result=each(result),
        reached=each(reached),
        penalty=jnp.zeros((batch_size,)),
        calls=evaluations(plan.tableau, iterations, chosen),
    )


def evaluations(tableau: Tableau, attempts: Int[Array, "..."], chosen: bool) -> Int[Array, "..."]:
    """Evaluations of the field: a reused first stage is evaluated once, at the very start.

    Choosing the first step costs the slope at the start, which such a method then has already, and
    one more at a trial point.
    """
    if tableau.reuses:
        return attempts * (tableau.stages - 1) + 1 + chosen
    return attempts * tableau.stages + 2 * chosen
