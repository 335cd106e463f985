"""`quantise`: a model whose weights are whole multiples of a step."""

import jax.numpy as jnp
from jaxtyping import Array

from ..errors import ConfigError
from ..types import AnyArray, Tree
from .matrices import map_matrices, matrices_of

FEWEST, MOST = 2, 16
"""Bits: with one there would be zero alone; float32 tells no more than 24 apart."""


def quantise(model: Tree, bits: int) -> Tree:
    """The model with its matrices and kernels rounded to integers of so many bits, times a step.

    Symmetric and uniform: an output channel's step is its largest magnitude divided by
    2^(bits - 1) - 1. Krishnamoorthi 2018, "Quantizing deep convolutional networks for efficient
    inference", section 3. The arrays stay floating ones of the same shape, so that this shows what
    the rounding of the weights does; states and biases are not rounded.

        small = zoo.quantise(model, 8)
        zoo.evaluate(small, data)

    Args:
        model: any model, or a part of one. Output channels are on the first axis of an array, as in
            `eqx.nn.Linear` and `eqx.nn.Conv2d`.
        bits: of an integer with its sign, from 2 to 16.

    Raises `ConfigError` for other bits, and for a model without matrices.
    """
    if not FEWEST <= bits <= MOST:
        raise ConfigError(
            f"bits = {bits}: expected {FEWEST} to {MOST}, those of an integer with its sign."
        )
    matrices_of(model)
    levels = 2 ** (bits - 1) - 1

    def rounded(matrix: AnyArray) -> Array:
        others = tuple(range(1, matrix.ndim))
        step = jnp.max(jnp.abs(matrix), axis=others, keepdims=True) / levels
        # A channel of zeros stays one.
        return jnp.round(matrix / jnp.where(step > 0, step, 1)) * step

    return map_matrices(rounded, model)
