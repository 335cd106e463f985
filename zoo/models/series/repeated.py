"""Several solves for each example: its arrays repeated, and the probe of training with them."""

import equinox as eqx
import jax
import jax.numpy as jnp

from ...solve import Solver
from ...types import Tree


def repeated(tree: Tree, count: int) -> Tree:
    """A tree of arrays [B, ...] with each example `count` times in a row; other leaves stay."""

    def rows(leaf: object) -> object:
        return jnp.repeat(jnp.asarray(leaf), count, axis=0) if eqx.is_array_like(leaf) else leaf

    return jax.tree.map(rows, tree) if count > 1 else tree


def repeated_solver(solver: Solver, count: int) -> Solver:
    """A solver for `count` solves of each example: its probe (`Solver.probe`) for each of them."""
    if solver.probe is None or count == 1:
        return solver
    probed: Solver = eqx.tree_at(lambda s: s.probe, solver, jnp.repeat(solver.probe, count))
    return probed
