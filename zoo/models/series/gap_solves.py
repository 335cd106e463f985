"""Solves in a row, one for each gap between two times, with a jump of the state after each."""

from collections.abc import Callable
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ...dynamics import Dynamics
from ...solve import Solver, solve, zeroed
from ...types import AnyKey, Stats


def over_gaps(
    dynamics: Dynamics,
    start: Float[Array, "B hidden"],
    gaps: Float[Array, "B T"],
    jump: Callable[[Float[Array, "B hidden"], Int[Array, ""]], Float[Array, "B hidden"]],
    solver: Solver,
    key: AnyKey | None = None,
) -> tuple[Float[Array, "B T hidden"], Float[Array, "B hidden"], Stats]:
    """The states before each jump and after the last one, and the `Stats` of all solves.

    Before jump i each example's state follows the dynamics for as long as its `gaps[:, i]`; a gap
    of 0, such as padding, costs it nothing. An example that fails in one gap is 0 from there on:
    mark what is made of it by the stats.

    Args:
        dynamics: dh/dt = f(t, h, None), t from the beginning of the gap.
        start: the states before the first gap.
        gaps: how long each lasts, 0 or more.
        jump: states and the place of a time to the states after it.
        solver: of each gap.
        key: what a regulariser that draws draws from, another number in each gap.
    """
    length = gaps.shape[1]
    keys = None if key is None else _of_gap(key, length)

    def move(hs: Array, gap: Array, key: AnyKey | None) -> tuple[Array, Stats]:
        ys, stats = solve(dynamics, hs, solver=solver, ts=gap[:, None], key=key)
        return zeroed(ys[:, 0], stats), _of_gaps(stats, gap)

    def body(
        hs: Array, at: tuple[Array, Array, AnyKey | None]
    ) -> tuple[Array, tuple[Array, Stats]]:
        place, gap, key = at
        moved = eqx.filter_eval_shape(move, hs, gap, key)
        nothing = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), moved[1])
        stay = eqx.tree_at(lambda s: s.reached, nothing, jnp.ones_like(nothing.reached))
        before, stats = jax.lax.cond(
            (gap > 0).any(), lambda: move(hs, gap, key), lambda: (hs, stay)
        )
        return jump(before, place), (before, stats)

    last, (before, stats) = jax.lax.scan(body, start, (jnp.arange(length), gaps.T, keys))
    return jnp.moveaxis(before, 0, 1), last, _in_all(stats)


def _of_gap(key: AnyKey, length: int) -> Array:
    """A key for each gap, [T], or one for each gap of each example, [T, B], as `key` is."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    split = partial(jax.random.split, num=length)
    return jax.vmap(split, out_axes=1)(key) if key.ndim else split(key)


def _of_gaps(stats: Stats, gap: Float[Array, " B"]) -> Stats:
    """The stats of one gap: what chose a first step for a gap of 0 is not its own cost."""
    nfe = jnp.where((gap > 0) | (stats.nfe < 0), stats.nfe, 0)
    return eqx.tree_at(lambda s: s.nfe, stats, nfe)


def _in_all(stats: Stats) -> Stats:
    """`Stats` of T solves for each of B examples, [T, B], as one of each example."""
    length = stats.result.shape[0]

    def rows(x: Array) -> Array:
        return x.T.reshape(-1) if x.ndim == 2 else x.sum()

    return jax.tree.map(rows, stats).grouped(length)
