"""The solves of a flow's blocks in a row, and the path through them."""

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ...dynamics import Dynamics
from ...errors import ConfigError
from ...solve import Solver, TimesLike, first, marked, solve, zeroed
from ...solve.integrate import unchanged
from ...solve.parts import PartOf
from ...solve.times import as_times
from ...types import Args, Keys, Stats


def through(
    fields: Sequence[Dynamics],
    ys: PyTree[Array],
    args: Args,
    solver: Solver,
    key: Keys | None = None,
) -> tuple[PyTree[Array], Stats]:
    """The states after one field and the next, each from t0 to t1, and what it cost.

    Of states (y, log-determinant) y alone chooses the steps. An example that fails is 0 from there
    on; `Stats` tell.

    Args:
        fields: of (t, y, args), one or more.
        ys: states [B, ...], or (states, log-determinants [B]).
        args: of each field.
        solver: of each solve.
        key: what a regulariser that draws draws from, one for each example; each field's own.

    Raises `ConfigError` for no field.
    """
    part: PartOf = first if isinstance(ys, tuple) else unchanged
    stats: Stats | None = None
    for place, field in enumerate(fields):
        own = None if key is None else jax.vmap(partial(jax.random.fold_in, data=place))(key)
        ys, more = solve(field, ys, args=args, solver=solver, error_of=part, key=own)
        ys, stats = zeroed(ys, more), more if stats is None else stats.then(more)
    if stats is None:
        raise ConfigError("A flow has no block: expected blocks = (field,) or more of them.")
    return ys, stats


def along(
    fields: Sequence[Dynamics],
    ys: Float[Array, "B ..."],
    ts: TimesLike,
    args: Args,
    solver: Solver,
) -> tuple[Float[Array, "B T ..."], Stats]:
    """The states at times of the whole flow, [B, T, ...]; those of an example that failed are NaN.

    The first field goes from t0 to t1, the next from there to t1 + (t1 - t0), and so on. Every
    field is solved to its end, whatever the last time is.
    """
    ts = jnp.asarray(as_times(ts), ys.dtype)
    low, length = jnp.asarray(solver.t0), jnp.asarray(solver.t1) - jnp.asarray(solver.t0)
    share = (ts - low) / length
    states = jnp.broadcast_to(ys[:, None], (len(ys), ts.shape[-1], *ys.shape[1:]))
    stats: Stats | None = None
    for place, field in enumerate(fields):
        inside = jnp.append(jnp.clip(share - place, 0, 1), jnp.ones((*ts.shape[:-1], 1)), axis=-1)
        path, more = solve(field, ys, args=args, solver=solver, ts=low + length * inside)
        stats = more if stats is None else stats.then(more)
        reached = (share > place).reshape(*share.shape, *[1] * (ys.ndim - 1))
        states = jnp.where(reached, path[:, :-1], states)
        ys = zeroed(path[:, -1], stats)
    assert stats is not None, "a flow of one block or more"
    return marked(states, stats), stats
