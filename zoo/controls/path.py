"""A path in pieces, each a polynomial, for a batch of series that have knots of their own."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..types import AnyArray


class Derivative(eqx.Module):
    """dX/ds of a path X: what a vector field is given in `args`, each array with the batch first.

    Piece i begins at knot i. Its row holds the derivative's coefficients, of powers of s - knot i
    from 0 on, C numbers each, and last the knot: one gather serves an evaluation of the batch.
    """

    knots: Float[AnyArray, "B knots"]
    """Those between the first and the last one, in order; infinite where there are fewer."""
    rows: Float[AnyArray, "B pieces packed"]
    channels: int = eqx.field(static=True)

    def __call__(self, s: float | Float[AnyArray, "*batch"]) -> Float[Array, "B C"]:
        """dX/ds at `s`, of shape [] or [B]."""
        row, since = self._piece(s)
        parts = self._powers(row)
        total = parts[-1]
        for part in parts[-2::-1]:
            total = part + since * total
        return total

    def integral(self, s: float | Float[AnyArray, "*batch"]) -> Float[Array, "B C"]:
        """How far X moved from the beginning of the piece in which `s` lies."""
        row, since = self._piece(s)
        parts = self._powers(row)
        total = jnp.zeros_like(parts[0])
        for power, part in reversed(list(enumerate(parts))):
            total = since * (part / (power + 1) + total)
        return total

    def index(self, s: float | Float[AnyArray, "*batch"]) -> Array:
        """The piece [B] in which `s` lies: at a knot that which begins there."""
        s = jnp.broadcast_to(jnp.asarray(s, self.rows.dtype), self.rows.shape[:1])
        return jnp.sum(self.knots <= s[:, None], axis=1)

    def _piece(self, s: float | Float[AnyArray, "*batch"]) -> tuple[Array, Array]:
        row = self.rows[jnp.arange(self.rows.shape[0]), self.index(s)]
        return row, jnp.asarray(s, row.dtype)[..., None] - row[:, -1:]

    def _powers(self, row: Array) -> list[Array]:
        return [
            row[:, i * self.channels : (i + 1) * self.channels]
            for i in range(row.shape[1] // self.channels)
        ]


class Path(eqx.Module):
    """A path X(s) through each series of a batch, and where on it the times of the series are."""

    derivative: Derivative
    values: Float[Array, "B pieces C"]
    """X at the beginning of each piece."""
    times: Float[Array, "B T"]
    """Up to which s the path is that of the times before, and has not taken in their values."""
    end: Float[Array, " B"]
    """Where the path ends."""

    @classmethod
    def of(
        cls,
        knots: Float[Array, "B knots"],
        powers: Sequence[Float[Array, "B pieces C"]],
        values: Float[Array, "B pieces C"],
        times: Float[Array, "B T"] | None = None,
    ) -> "Path":
        """The path whose derivative in the piece after each knot has these coefficients.

        Args:
            knots: in order, the last one repeated as padding.
            powers: coefficients of (s - knot)^0, (s - knot)^1, ... of dX/ds.
            values: X at the beginning of each piece.
            times: as the field; the knots where not given.
        """
        end = knots[:, -1]
        inner = knots[:, 1:-1]
        searched = jnp.where(inner < end[:, None], inner, jnp.inf)
        rows = jnp.concatenate([*powers, knots[:, :-1, None]], axis=-1)
        derivative = Derivative(searched, rows, values.shape[-1])
        return cls(derivative, values, knots if times is None else times, end)

    @property
    def start(self) -> Float[Array, "B C"]:
        """X where the path begins: the time 0, and the first values."""
        return self.values[:, 0]

    def evaluate(self, s: float | Float[AnyArray, "*batch"]) -> Float[Array, "B C"]:
        """X at `s`, of shape [] or [B]."""
        index = self.derivative.index(s)
        return self.values[jnp.arange(len(index)), index] + self.derivative.integral(s)
