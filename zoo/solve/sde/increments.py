"""What Brownian motion does within each step of a batch: made before the steps, never kept."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from ..controllers import expand_to
from ..engine.step import Move
from .bridge import halves, increments, normals

_ROOM = 2**26
"""Bytes of increments that are made before the first step; of more, the rest at each step."""


class Path(eqx.Module):
    """A Brownian path of each example over its interval, known by two words of 32 bits.

    Its increments over `steps` equal parts are made when a pass over the steps begins, once forward
    and once back, and thrown away with it: [B, m, steps] in as few bytes as `_ROOM`. Where they are
    more and their number is a power of two, increments of longer parts are made, and halved down to
    a step's own within that step.
    """

    words: UInt32[Array, "B 2"]
    steps: int = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)
    """Of one example's noise."""
    dtype: np.dtype = eqx.field(static=True)
    table: Float[Array, "B m parts"] | None = None
    """Increments over equal parts of [0, 1], once a pass has begun."""

    def begun(self) -> "Path":
        """This path with its increments made."""
        size = int(np.prod(self.shape))
        parts = self.steps
        while parts * size * len(self.words) * self.dtype.itemsize > _ROOM and parts % 2 == 0:
            parts //= 2
        if self.steps & (self.steps - 1):  # cells are halved only where they are those of the path
            parts = self.steps
        table = increments(self.words, parts, size, self.dtype)
        return eqx.tree_at(lambda p: p.table, self, table, is_leaf=lambda x: x is None)

    def over(self, move: Move) -> Float[Array, "B ..."]:
        """The increment of each lane over its step, found by the step's number.

        Its variance is the step's length, whose gradient it carries: when an end of the interval
        moves, the same path is stretched.
        """
        assert self.table is not None, "a pass over the steps has begun"
        increment = self._of_step(move.lane, move.number)
        length = move.stop - move.start
        exact = move.span.length / self.steps  # without the rounding of a difference
        length = length + jax.lax.stop_gradient(exact - length)
        scale = expand_to(jnp.sqrt(length * self.steps), increment)
        return (scale * increment).reshape(len(increment), *self.shape)

    def _of_step(self, lane: Int[Array, " lanes"] | None, number: Int[Array, "*lanes"]) -> Array:
        """Over the step of this number, on [0, 1], [lanes, m]."""
        assert self.table is not None, "a pass over the steps has begun"
        size, parts = self.table.shape[1:]
        within = self.steps // parts
        words = self.words if lane is None else self.words[lane]
        if number.ndim == 0:  # a slice takes a part of the time of a gather
            part = jax.lax.dynamic_index_in_dim(self.table, number // within, 2, keepdims=False)
            increment = part if lane is None else part[lane]
        else:
            lane = jnp.arange(len(words)) if lane is None else lane
            increment = self.table.at[lane, :, number // within].get(mode="promise_in_bounds")
        first = parts.bit_length() - 1
        for level in range(first, first + within.bit_length() - 1):
            within //= 2
            number_of_half = number // within
            node = 2**level + number_of_half // 2
            draw = self._draw(words, jnp.broadcast_to(node, words.shape[:1]), size)
            left, right = halves(increment, draw, level)
            increment = jnp.where(expand_to(number_of_half % 2 == 1, left), right, left)
        return increment

    def _draw(self, words: Any, node: Int[Array, " lanes"], size: int) -> Array:
        def one(words: Array, node: Array) -> Array:
            return normals(words, node[None], size, self.dtype)[:, 0]

        return jax.vmap(one)(words, node)
