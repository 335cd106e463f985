"""Any number of rows, solved in blocks of a fixed size.

A model and the engine decide some things by the size of a batch, such as how many slow examples go
on without the others. In a program the number of rows is a symbol: its blocks have one of two
sizes, for which all of that is settled as the program is made.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

SMALL, LARGE = 8, 128
"""Rows of a block: of few rows, which should not wait for many, and of many, as `zoo.predict`."""

_Results = TypeVar("_Results")
Weights: TypeAlias = PyTree[Array]
Rows: TypeAlias = Mapping[str, Array]
"""Arrays [rows, ...] by name."""
OfBlock: TypeAlias = Callable[[Weights, Rows, list[Array]], _Results]
"""From weights, the rows of a block and numbers that all blocks share to a result for each row."""


def in_blocks(of_block: OfBlock[_Results]) -> OfBlock[_Results]:
    """The function for any number of rows, also where that is a symbol: a few are one small block,
    more are large ones, one after the other."""

    def run(weights: Weights, rows: Rows, numbers: list[Array]) -> _Results:
        count = jax.tree.leaves(rows)[0].shape[0]
        small, large = (_of_size(of_block, size) for size in (SMALL, LARGE))
        few = jnp.asarray(count) <= SMALL
        result: _Results = jax.lax.cond(few, small, large, weights, rows, numbers)
        return result

    return run


def _of_size(of_block: OfBlock[_Results], size: int) -> OfBlock[_Results]:
    """The function for any number of rows, in blocks of a size; the last is filled up with rows."""

    def run(weights: Weights, rows: Rows, numbers: list[Array]) -> _Results:
        count = jax.tree.leaves(rows)[0].shape[0]
        blocks = -(-count // size)
        place = jnp.arange(blocks * size) % count

        def split(x: Array) -> Array:
            return x[place].reshape(blocks, size, *x.shape[1:])

        def solve(part: dict[str, Array]) -> _Results:
            return of_block(weights, part, numbers)

        def together(x: Array) -> Array:
            return x.reshape(blocks * size, *x.shape[2:])[jnp.arange(count)]

        results: _Results = jax.lax.map(solve, jax.tree.map(split, dict(rows)))
        return jax.tree.map(together, results)

    return run
