"""The route through the engine of our own: explicit methods, with replay as gradient."""

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, PyTree

from ..dynamics.base import Dynamics, lift, origin
from ..errors import DynamicsError
from ..types import Stats
from .converted import convert
from .engine import Fields, Inputs, Plan, Tableau, few_lanes, own_everywhere, replay
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
    batch_size = jax.tree.leaves(y0)[0].shape[0]
    adaptive, joint = not solver.is_constant, solver.batching != "per-sample"
    plan = Plan(
        method=solver.method,
        rtol=number(solver.rtol),
        atol=number(solver.atol),
        dt0=number(solver.dt0),
        steps=solver.steps,
        max_steps=solver.max_steps,
        adaptive=adaptive,
        batching=str(solver.batching),
        controlled=controlled,
        few=few_lanes(batch_size) if adaptive and not joint else 0,
    )
    fields = Fields(_field(dynamics, batch_size, joint, dtype, y0, args), None)
    if plan.few:
        fields = fields._replace(few=_few_field(dynamics, plan.few, batch_size, dtype, y0, args))
    ends = jnp.asarray(solver.t1 if ts is None else ts, dtype)
    start, ends, plan, _ = own_everywhere((jnp.asarray(solver.t0, dtype), ends, plan, y0))
    inputs = Inputs(fields, args, y0, start, ends)
    values, report = replay(inputs, plan, ts is not None)
    if ts is not None:
        values = jax.tree.map(lambda v: jnp.moveaxis(v, 0, 1), values)
    each = lambda x: jnp.broadcast_to(x, (batch_size,))  # noqa: E731
    accepted, attempts, result, reached, together = jax.lax.stop_gradient(report)
    cost = partial(evaluations, plan.tableau, chosen=plan.adaptive and plan.dt0 is None)
    calls, calls_of_all = cost(attempts.max()), cost(together)
    return values, Stats(
        accepted=each(accepted),
        rejected=each(attempts - accepted),
        nfe=each(cost(attempts)),
        result=each(result),
        reached=each(reached),
        penalty=jnp.zeros((batch_size,)),
        calls=calls,
        work=batch_size * calls_of_all + plan.few * (calls - calls_of_all),
    )


def _field(dynamics: Dynamics, count: int, joint: bool, dtype: Any, y0: Any, args: Any) -> Any:
    """The dynamics of a batch of `count`, traced once for all stages.

    Arrays that a function closes over get gradients too.
    """
    y0, args = jax.tree.map(lambda x: x[:count] if eqx.is_array(x) else x, (y0, args))
    # Of these numbers none is computed: the time's type says, as the state's, where it differs.
    each = jax.tree.leaves(y0)[0].reshape(count, -1)
    time = jnp.sum(each, axis=None if joint else 1, dtype=dtype)
    return convert(lift(dynamics), time, y0, args)


def _few_field(
    dynamics: Dynamics, few: int, batch_size: int, dtype: Any, y0: Any, args: Any
) -> Any:
    """The dynamics of the last `few` of a batch.

    Raises `DynamicsError` for dynamics that only a whole batch can have.
    """
    try:
        return _field(dynamics, few, False, dtype, y0, args)
    except (TypeError, ValueError) as error:  # what JAX raises for shapes that do not fit
        raise DynamicsError(
            f"{origin(dynamics)} cannot be evaluated on {few} of a batch of {batch_size} examples, "
            f"as the last that are not done are: {str(error).splitlines()[0]} Way out: pass "
            "what each example has of its own as args, and let no example depend on another."
        ) from error


def evaluations(tableau: Tableau, attempts: Int[Array, "..."], chosen: bool) -> Int[Array, "..."]:
    """Evaluations of the field: a reused first stage is evaluated once, at the very start.

    Choosing the first step costs the slope at the start, which such a method then has already, and
    one more at a trial point.
    """
    if tableau.reuses:
        return attempts * (tableau.stages - 1) + 1 + chosen
    return attempts * tableau.stages + 2 * chosen
