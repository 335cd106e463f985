"""The matrices and kernels of a model: what is pruned and quantised."""

from collections.abc import Callable
from typing import TypeGuard

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, PyTree

from ..errors import ConfigError
from ..solve import Solver
from ..types import AnyArray, Tree


def is_matrix(leaf: object) -> TypeGuard[AnyArray]:
    """Whether an array is a matrix, or a kernel with its output channels on the first axis.

    A bias that has axes of length 1 after its channels, as that of `eqx.nn.Conv2d`, is none.
    """
    if not (isinstance(leaf, Array | np.ndarray) and eqx.is_inexact_array(leaf)):
        return False
    return leaf.ndim == 2 or (leaf.ndim > 2 and leaf.size > leaf.shape[0])


def weights_of(tree: PyTree) -> list[AnyArray]:
    """All floating arrays, frozen ones included, but not the numbers of a `Solver`."""
    leaves = jax.tree.leaves(tree, is_leaf=_is_solver)
    return [leaf for leaf in leaves if eqx.is_inexact_array(leaf)]


def matrices_of(tree: PyTree) -> list[AnyArray]:
    """Those of `weights_of` that are matrices or kernels.

    Raises `ConfigError` where there is none.
    """
    found = [leaf for leaf in weights_of(tree) if is_matrix(leaf)]
    if not found:
        raise ConfigError(
            f"{type(tree).__name__} holds no matrix and no kernel of a convolution, and these are "
            "what is pruned and quantised: expected a floating array of two axes or more."
        )
    return found


def map_matrices(function: Callable[[AnyArray], Array], tree: Tree) -> Tree:
    """The tree with `function` of each of its matrices and kernels in its place."""

    def change(leaf: object) -> object:
        return function(leaf) if is_matrix(leaf) else leaf

    changed: Tree = jax.tree.map(change, tree, is_leaf=_is_solver)
    return changed


def _is_solver(node: object) -> bool:
    return isinstance(node, Solver)
