"""`prune`: a model whose smallest weights are zero."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..errors import ConfigError
from ..types import AnyArray, Tree
from .matrices import map_matrices, matrices_of


def prune(model: Tree, sparsity: float) -> Tree:
    """The model with the smallest `sparsity` of its matrices' and kernels' entries set to zero.

    By magnitude, with one threshold for all of them, so that a layer of large weights keeps more
    than one of small weights; biases stay. Nothing is trained again. Han et al. 2015, "Learning
    both Weights and Connections for Efficient Neural Networks"; of ODE-Nets Liebenwein et al. 2021,
    "Sparse Flows: Pruning Continuous-depth Models". The arrays keep their shapes: what this saves
    is for sparse arithmetic to take.

        small = zoo.prune(model, 0.8)
        zoo.evaluate(small, data)

    Args:
        model: any model, or a part of one.
        sparsity: the share of the entries that become zero, from 0 to 1.

    Raises `ConfigError` for a share outside of that, and for a model without matrices.
    """
    if not 0 <= sparsity <= 1:
        raise ConfigError(
            f"sparsity = {sparsity}: expected a share from 0 (nothing is zero) to 1 (all is)."
        )
    entries = np.concatenate([np.abs(np.asarray(each)).ravel() for each in matrices_of(model)])
    bound = np.quantile(entries, sparsity).item() if sparsity > 0 else -1.0

    def cut(matrix: AnyArray) -> Array:
        return jnp.where(jnp.abs(matrix) > bound, matrix, 0)

    return map_matrices(cut, model)
