"""A solve of one example that `jax.vmap` turns into one solve of the batch.

`jax.vmap` of `zoo.solve.solve` is a loop with a batch axis inside of it. Here a primitive of JAX
has a batching rule of its own, which hands the examples of all `vmap`s around it to one `solve`.
`jax.custom_batching.custom_vmap` does that too, and has no derivative in reverse mode outside of
a `vmap`.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from ..dynamics import Dynamics
from ..solve import Solver, solve, zeroed
from ..types import Stats

_solve = Primitive("solve_of_one_example")
_solve.multiple_results = True


@dataclass(frozen=True, eq=False)
class Problem:
    """How operands are put together to what `solve` is given."""

    structure: Any
    """Of the arrays of (dynamics, solver), which examples share, and of (x, args, key)."""
    static: Any
    """What is no array of them."""
    shared: int
    """How many operands are of the first."""


def solve_one(
    dynamics: Dynamics,
    x: Float[Array, "..."],
    args: PyTree[Array],
    solver: Solver,
    key: PRNGKeyArray | None,
) -> tuple[Float[Array, "..."], Stats]:
    """The state of one example at the solver's end, 0 where its solve failed, and its `Stats`.

    The fields of the `Stats` are []. In a batch, `calls` and `work` are told by its first example
    and are 0 in the others, so that their sum over the examples is what was really run.
    """
    pair = (dynamics, solver), (x, args, key)
    arrays, static = eqx.partition(pair, eqx.is_array)
    operands, structure = jax.tree.flatten(arrays)
    problem = Problem(structure, static, len(jax.tree.leaves(arrays[0])))
    y, *counts = _solve.bind(*operands, problem=problem, axes=0)
    return y, jax.tree.unflatten(jax.tree.structure(Stats.discrete(1, 1)), counts)


def totalled(stats: Stats) -> Stats:
    """`Stats` of examples as `solve_one` tells them, `calls` and `work` as their sums."""
    totals = [jnp.sum(n, dtype=n.dtype) for n in (stats.calls, stats.work)]
    changed: Stats = eqx.tree_at(lambda s: (s.calls, s.work), stats, totals)
    return changed


def _run(*operands: Array, problem: Problem, axes: int) -> list[Array]:
    """The states and `Stats` of examples whose arrays have `axes` batch axes in front."""
    arrays = jax.tree.unflatten(problem.structure, operands)
    (dynamics, solver), (x, args, key) = eqx.combine(arrays, problem.static)
    lead = x.shape[:axes]
    count = math.prod(lead)

    def flat(leaf: Any) -> Any:
        return leaf.reshape(count, *leaf.shape[axes:]) if eqx.is_array(leaf) else leaf

    xs, args, keys = jax.tree.map(flat, (x, args, key))
    ys, stats = solve(dynamics, xs, args=args, solver=_probed(solver, lead), key=keys)
    ys = zeroed(ys, stats)
    first = [jnp.zeros(count, n.dtype).at[:1].set(n) for n in (stats.calls, stats.work)]
    stats = eqx.tree_at(lambda s: (s.calls, s.work), stats, first)
    return [leaf.reshape(*lead, *leaf.shape[1:]) for leaf in jax.tree.leaves((ys, stats))]


def _probed(solver: Solver, lead: tuple[int, ...]) -> Solver:
    """The solver, with a probe for each solve where it has one for each example of the batch."""
    if solver.probe is None or len(lead) < 2 or solver.probe.shape != lead[:1]:
        return solver
    probe = jnp.repeat(solver.probe, math.prod(lead[1:]))
    changed: Solver = eqx.tree_at(lambda s: s.probe, solver, probe)
    return changed


def _shapes(*operands: Any, problem: Problem, axes: int) -> list[Any]:
    run = partial(_run, problem=problem, axes=axes)
    return list(jax.make_jaxpr(run)(*operands).out_avals)


def _batch(operands: Any, places: Any, *, problem: Problem, axes: int) -> Any:
    """One batch axis more; a loop with a batch axis where dynamics or solver differ."""
    size = next(x.shape[at] for x, at in zip(operands, places, strict=True) if at is not None)
    shared = problem.shared
    if any(at is not None for at in places[:shared]):
        run = partial(_run, problem=problem, axes=axes)
        out = jax.vmap(run, in_axes=tuple(places))(*operands)
    else:
        pairs = zip(operands[shared:], places[shared:], strict=True)
        own = [batching.bdim_at_front(x, at, size) for x, at in pairs]
        out = _solve.bind(*operands[:shared], *own, problem=problem, axes=axes + 1)
    return out, [0] * len(out)


def _differentiate(operands: Any, tangents: Any, *, problem: Problem, axes: int) -> Any:
    moving = [i for i, t in enumerate(tangents) if type(t) is not ad.Zero]

    def of_moving(*values: Array) -> list[Array]:
        new = dict(zip(moving, values, strict=True))
        return _run(*[new.get(i, x) for i, x in enumerate(operands)], problem=problem, axes=axes)

    out, moved = jax.jvp(of_moving, [operands[i] for i in moving], [tangents[i] for i in moving])
    return out, [_symbolic(t) for t in moved]


def _symbolic(tangent: Any) -> Any:
    """A tangent as rules of JAX give it; counts have none."""
    none = tangent.dtype == jax.dtypes.float0
    return ad.Zero(jax.core.ShapedArray(tangent.shape, tangent.dtype)) if none else tangent


_solve.def_impl(_run)
_solve.def_abstract_eval(_shapes)
ad.primitive_jvps[_solve] = _differentiate
batching.primitive_batchers[_solve] = _batch
mlir.register_lowering(_solve, mlir.lower_fun(_run, multiple_results=True))
