"""`solve`: a batch of initial value problems to values and `Stats`."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..dynamics.base import Dynamics, check_dynamics
from ..types import Stats
from .engine import own_everywhere
from .problem import check_problem, result_dtype, solve_dtype
from .regularised import OfState, Regularised, with_cost
from .solver import Solver
from .through_diffrax import through_diffrax
from .through_engine import through_engine


def unchanged(y: PyTree) -> PyTree:
    """The state itself."""
    return y


def solve(
    dynamics: Dynamics,
    y0: PyTree[Array],
    *,
    args: Any = None,
    solver: Solver | None = None,
    ts: Array | None = None,
    controlled: Callable[[PyTree], PyTree] = unchanged,
    readout: Callable[[PyTree], PyTree] = unchanged,
) -> tuple[PyTree[Array], Stats]:
    """Solve dy/dt = f(t, y, args) for a batch of initial values.

    Args:
        dynamics: f, on one example or batch-native (see `zoo.dynamics`).
        y0: an array [B, ...] or a pytree of them. Integers become floats; a bfloat16 or float16
            state is solved in float32 and given back in its own type.
        args: passed to `f` for each example; every array in it has the batch axis first.
        solver: how; fields that it does not give take their defaults.
        ts: times at which the state is wanted, [T] for all or [B, T] for each example, running
            from `t0` towards the end of the interval, which is then the last time. A last time
            that is repeated is padding.
        controlled: the part of a state whose error chooses the step. A running cost or a
            log-determinant that rides along is left out, so that the steps are the state's own.
        readout: what is made of the states, [B, ...] or [B, T, ...], before they are returned: a
            head, the part of a state that is the answer. A model that trains on applies it here
            and not afterwards: an example whose solve failed is made NaN after it, so that no
            gradient of that NaN comes to what the head computes from the others.

    Returns:
        The `readout` of the states at `t1`, [B, ...], or at `ts`, [B, T, ...]; NaN for an example
        whose solve failed. And `Stats`, whose `result` says why (`zoo.solve.explain` in words).

    Raises `DataError` for a state or times that no ODE solver takes and `DynamicsError` for
    dynamics that do not return a derivative, both before anything is compiled.
    """
    solver = (Solver() if solver is None else solver).resolve()
    y0 = jax.tree.map(jnp.asarray, y0)
    ts = None if ts is None else jnp.asarray(ts)
    dynamics, y0, args, ts, solver = own_everywhere((dynamics, y0, args, ts, solver))
    batch_size = check_problem(y0, args, ts, solver)
    dtypes = jax.tree.map(result_dtype, y0)
    y0 = jax.tree.map(lambda y: y.astype(solve_dtype(y, solver)), y0)
    if batch_size == 0:
        shape = (0,) if ts is None else (0, ts.shape[-1])
        ys = jax.tree.map(lambda y: jnp.zeros(shape + y.shape[1:], y.dtype), y0)
        stats = Stats.discrete(0, 0)
    else:
        first = lambda x: x[0] if eqx.is_array(x) else x  # noqa: E731
        example = lambda *batch: check_dynamics(dynamics, *jax.tree.map(first, batch))  # noqa: E731
        eqx.filter_eval_shape(example, y0, args)
        ys, stats = _solve(dynamics, y0, args, ts, solver, controlled)
    ys = jax.tree.map(lambda y, dtype: y.astype(dtype), ys, dtypes)
    return _marked(readout(_finite(ys)), stats), stats


def _solve(
    dynamics: Dynamics,
    y0: PyTree[Array],
    args: Any,
    ts: Array | None,
    solver: Solver,
    controlled: Callable[[PyTree], PyTree],
) -> tuple[PyTree[Array], Stats]:
    """States and `Stats`; a regulariser's running cost becomes `Stats.penalty`."""
    route = through_engine if solver.adjoint == "replay" else through_diffrax
    if solver.regulariser is None:
        return route(dynamics, y0, args, ts, solver, controlled)
    both = Regularised(dynamics, solver.regulariser)
    (ys, costs), stats = route(both, with_cost(y0), args, ts, solver, OfState(controlled))
    penalty = costs if ts is None else costs[:, -1]
    penalty = jnp.where(stats.ok, _finite(penalty), 0)
    return ys, eqx.tree_at(lambda s: s.penalty, stats, penalty)


def _finite(ys: PyTree[Array]) -> Any:
    """States of failed solves may hold anything; a readout of a NaN would have NaN gradients."""
    return jax.tree.map(lambda y: jnp.where(jnp.isfinite(y), y, 0), ys)


def _marked(ys: PyTree[Array], stats: Stats) -> Any:
    """NaN for each example whose solve failed."""
    solved = lambda y: stats.ok.reshape(-1, *[1] * (y.ndim - 1))  # noqa: E731
    return jax.tree.map(lambda y: jnp.where(solved(y), y, jnp.nan), ys)
