"""The states at times of fields that are solved one after another."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...dynamics import Dynamics
from ...errors import ConfigError
from ...solve import Solver, TimesLike, marked, solve, zeroed
from ...types import AnyArray, Args, Stats


def states_through(
    fields: Sequence[Dynamics],
    ys: Float[AnyArray, "B ..."],
    ts: TimesLike,
    args: Args,
    solver: Solver,
) -> tuple[Float[Array, "B T ..."], Stats]:
    """The states [B, T, ...] of one field and the next, each solved through all of `ts` [N].

    T = fields (N - 1) + 1: the end of one solve is the start of the next, and stands once. An
    example that was not solved is NaN at all times.

    Args:
        fields: in the order in which they are solved.
        ys: the states at the first time of the first.
        ts: from the solver's t0 to its t1.
        args: of the fields, for each example.
        solver: of each solve.

    Raises `ConfigError` for no field.
    """
    parts: list[Array] = []
    stats: Stats | None = None
    for field in fields:
        states, more = solve(field, ys, args=args, solver=solver, ts=ts)
        stats = more if stats is None else stats.then(more)
        parts.append(states[:, 1:] if parts else states)
        ys = zeroed(states[:, -1], more)
    if stats is None:
        raise ConfigError("There is no field to solve: expected one or more, as blocks of a model.")
    return marked(jnp.concatenate(parts, axis=1), stats), stats
