"""Equal steps between jumps of the field, as a step size controller of Diffrax."""

from typing import Any

import diffrax
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ..engine.interval import Interval, beside, next_piece
from ..engine.stops import equal_stop


class EqualPieces(diffrax.AbstractStepSizeController[Any, Any]):
    """Steps that end at each jump, equal from jump to jump and no longer than `size`.

    A step ends one place of rounding before a jump, and the next begins at it: of these two times
    Diffrax's field can tell on which side of the jump it is.
    """

    size: Float[Array, ""]
    span: Interval

    def wrap(self, direction: object) -> "EqualPieces":
        """As Diffrax's base class says."""
        return self

    def init(self, *args: object, **kwargs: object) -> tuple[Array, tuple[Array, Array]]:
        """As Diffrax's base class says; the state counts steps and pieces."""
        zero = jnp.zeros((), jnp.int32)
        return self._stop(zero, jnp.zeros_like(self.span.length), zero), (zero + 1, zero)

    def adapt_step_size(self, t0: Any, t1: Any, *args: Any) -> tuple[Any, ...]:
        """As Diffrax's base class says; each step is kept."""
        *_, (made, number) = args
        piece = self.span.piece(number)
        there = t1 >= _before(piece.stop)
        start = jnp.where(there, piece.stop, t1)
        entered = next_piece(self.span, number, piece, start, jnp.ones((), bool))
        stop = self._stop(entered, start, made)
        state = (made + 1, entered)
        return True, start, stop, entered > number, state, diffrax.RESULTS.successful

    def _stop(self, number: Int[Array, ""], start: Array, made: Int[Array, ""]) -> Array:
        piece = self.span.piece(number)
        stop = equal_stop(None, self.size, self.span, piece, start, made)
        at_jump = (stop >= piece.stop) & (piece.stop < self.span.length)
        return jnp.where(at_jump, _before(piece.stop), stop)


def _before(time: Array) -> Array:
    """One place of rounding before; with the gradient of `time` itself."""
    less = beside(time, jnp.full(time.shape, -1, time.dtype)) - jax.lax.stop_gradient(time)
    return time + less
