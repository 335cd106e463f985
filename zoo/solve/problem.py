"""What an initial value problem must look like before it is solved."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..errors import DataError
from ..precision import at_least_float32
from ..types import AnyArray, Args, State, Tree
from .solver import Solver
from .solver_field import declared, numbers_of


def first_example(batch: Tree) -> Tree:
    """The first example of every array [B, ...] in a tree; what is no array stays."""
    return jax.tree.map(lambda x: x[0] if eqx.is_array(x) else x, batch)


def check_problem(
    y0: State, args: Args, ts: AnyArray | None, jumps: AnyArray | None, solver: Solver
) -> int:
    """The batch size. Raises `DataError` for a state, args or times that cannot be solved.

    Of times that are being traced the shapes alone are looked at; see `valid`.
    """
    leaves = jax.tree.leaves(y0)
    if not leaves or any(y.ndim == 0 for y in leaves):
        raise DataError(
            f"The state has shape {[y.shape for y in leaves]} and so no batch axis: expected "
            "[B, ...]. For one example call model(x), or add the axis with x[None]."
        )
    for y in leaves:
        if jnp.iscomplexobj(y):
            raise DataError(
                f"The state is complex ({y.dtype}): error control and adjoints are for real "
                "numbers. Stack real and imaginary part as two channels."
            )
    batch_size = leaves[0].shape[0]
    for path, leaf in jax.tree_util.tree_leaves_with_path((y0, args)):
        if eqx.is_array(leaf) and (leaf.ndim == 0 or leaf.shape[0] != batch_size):
            where = "y0" if path[0].idx == 0 else "args"
            raise DataError(
                f"{where}{jax.tree_util.keystr(path[1:])} has shape {leaf.shape}: expected "
                f"({batch_size}, ...), the batch axis first. What all examples share belongs in "
                "the dynamics, or is repeated for each."
            )
    if ts is not None:
        _check_times(ts, batch_size, solver)
    if jumps is not None:
        _check_jumps(jumps, batch_size)
    return batch_size


def _check_jumps(jumps: AnyArray, batch_size: int) -> None:
    if jumps.shape[:-1] not in ((), (batch_size,)) or jumps.ndim == 0:
        raise DataError(
            f"Jumps have shape {jumps.shape}: expected [K], or ({batch_size}, K) with times of its "
            "own for each example (fewer ones padded with inf)."
        )
    if not isinstance(jumps, jax.core.Tracer) and np.isnan(np.asarray(jumps)).any():
        raise DataError("Jumps hold NaN: expected times, or inf as padding.")


def _check_times(ts: AnyArray, batch_size: int, solver: Solver) -> None:
    if ts.ndim not in (1, 2) or (ts.size == 0 and batch_size):
        raise DataError(f"Times have shape {ts.shape}: expected [T] or [B, T] with T of 1 or more.")
    if ts.ndim == 2 and ts.shape[0] != batch_size:
        raise DataError(f"Times have shape {ts.shape}: expected ({batch_size}, T) or (T,).")
    if ts.ndim == 2 and solver.batching != "per-sample" and solver.adjoint != "replay":
        raise DataError(
            f"batching={solver.batching!r} with adjoint={solver.adjoint!r} solves one ODE whose "
            f"times all examples share: expected [T], got {ts.shape}. Use batching='per-sample' "
            "or adjoint='replay'."
        )
    if isinstance(ts, jax.core.Tracer) or isinstance(solver.t0, jax.core.Tracer):
        return
    rows = np.atleast_2d(np.asarray(ts, np.float64))
    t0 = np.asarray(solver.t0, ts.dtype)  # 0.7 lies beyond the 0.7 of float32 times
    if not np.isfinite(rows).all():
        raise DataError(f"Times hold {rows[~np.isfinite(rows)][0]}: expected finite numbers.")
    start = np.full((len(rows), 1), float(t0))
    steps = np.diff(np.concatenate([start, rows], axis=1), axis=1)
    span = np.sign(rows[:, -1:] - start)
    turns = np.argwhere((np.sign(steps) * span < 0) | ((steps != 0) & (span == 0)))
    if len(turns):
        row, at = turns[0]
        before = start[row, 0] if at == 0 else rows[row, at - 1]
        raise DataError(
            f"Times must run one way from t0 = {float(start[row, 0]):g}: in row {row}, "
            f"{before:g} is followed by {rows[row, at]:g} at index {at}."
        )
    directions = set(np.sign(rows[:, -1] - start[:, 0]).tolist()) - {0.0}
    if len(directions) > 1 and solver.batching != "per-sample":
        raise DataError(
            f"batching={solver.batching!r} solves one ODE for the batch, and the rows of times run "
            "from t0 in both directions: use batching='per-sample'."
        )


def valid(solver: Solver, ts: AnyArray | None, jumps: AnyArray | None) -> Array | None:
    """Whether numbers that are being traced make sense, [] or [B]; None where none is traced.

    What is refused outside of `jit` cannot be refused inside; such a solve ends as NaN, with an
    outcome of its own.
    """
    numbers = [getattr(solver, name) for name in numbers_of(solver)]

    def traced(x: object) -> bool:
        return isinstance(x, jax.core.Tracer)

    if not any(map(traced, (*numbers, ts, jumps))):
        return None
    good = jnp.isfinite(jnp.asarray(solver.t0))
    for name, field in declared(solver):
        value = getattr(solver, name)
        if value is not None and field.is_number and field.range and field.range.low == 0:
            most = min(field.range.high, float(jnp.finfo(jnp.float32).max))
            good &= (jnp.asarray(value) > 0) & (jnp.asarray(value) <= most)
    if ts is None:
        good &= jnp.isfinite(jnp.asarray(solver.t1))
    else:
        good = good & _one_way(jnp.asarray(ts), solver)
    if jumps is not None:
        good = good & ~jnp.isnan(jumps).any(axis=-1)
    return jax.lax.stop_gradient(good)


def _one_way(ts: Array, solver: Solver) -> Array:
    """Whether times run one way from t0; rows of them, if they share their steps, all the same."""
    start = jnp.broadcast_to(jnp.asarray(solver.t0, ts.dtype), (*ts.shape[:-1], 1))
    steps = jnp.diff(jnp.concatenate([start, ts], axis=-1), axis=-1)
    span = jnp.sign(ts[..., -1:] - start)
    onwards = (jnp.sign(steps) == span) | (steps == 0)
    good = jnp.isfinite(ts).all(axis=-1) & onwards.all(axis=-1)
    if ts.ndim == 2 and solver.batching != "per-sample":
        good &= ~((span > 0).any() & (span < 0).any())
    return good


def result_dtype(y: Array) -> np.dtype:
    """The floating type in which a state is given back: its own, or the default for integers."""
    if jnp.issubdtype(y.dtype, jnp.floating):
        return y.dtype
    return jnp.result_type(float)


def solve_dtype(y: Array, solver: Solver) -> np.dtype:
    """The floating type in which a state is solved: float32 at least."""
    if solver.dtype is not None:
        return jnp.dtype(solver.dtype)
    return at_least_float32(result_dtype(y))
