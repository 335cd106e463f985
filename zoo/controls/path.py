"""A path in pieces, each a polynomial, for a batch of series that have knots of their own."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ..types import AnyArray

_BLOCK = 32


class Derivative(eqx.Module):
    """dX/ds of a path X: what a vector field is given in `args`, each array with the batch first.

    Piece i begins at knot i. Its row holds the derivative's coefficients, of powers of s - knot i
    from 0 on, C numbers each, and last the knot: one gather serves an evaluation of the batch.
    """

    knots: Float[AnyArray, "B knots"]
    """Those between the first and the last one, in order; infinite where there are fewer. Of more
    than 64 the number is a multiple of 32."""
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

    def index(self, s: float | Float[AnyArray, "*batch"]) -> Int[Array, " B"]:
        """The piece in which `s` lies: at a knot that which begins there.

        Of many knots the blocks are searched first, and then one of them.
        """
        size, count = self.knots.shape
        s = jnp.broadcast_to(jnp.asarray(s, self.rows.dtype), (size,))[:, None]
        if count <= 2 * _BLOCK:
            return jnp.sum(self.knots <= s, axis=1)
        blocks = self.knots.reshape(size, -1, _BLOCK)
        block = jnp.sum(blocks[:, :-1, -1] <= s, axis=1)
        return block * _BLOCK + jnp.sum(blocks[jnp.arange(size), block] <= s, axis=1)

    def in_shares(self, length: Float[Array, " B"]) -> "Derivative":
        """The derivative by the share s / length of a path that ends at `length`."""
        rows = jnp.asarray(self.rows)
        each = length[:, None, None]
        scaled = [part * each ** (i + 1) for i, part in enumerate(self._powers(rows))]
        positive = jnp.where(length > 0, length, 1)
        rows = jnp.concatenate([*scaled, rows[..., -1:] / positive[:, None, None]], axis=-1)
        return Derivative(self.knots / positive[:, None], rows, self.channels)

    def _piece(self, s: float | Float[AnyArray, "*batch"]) -> tuple[Array, Array]:
        row = self.rows[jnp.arange(self.rows.shape[0]), self.index(s)]
        return row, jnp.asarray(s, row.dtype)[..., None] - row[:, -1:]

    def _powers(self, row: Array) -> list[Array]:
        """The coefficients in a row, or in rows, of each power."""
        size = self.channels
        return [row[..., i * size : (i + 1) * size] for i in range(row.shape[-1] // size)]


class Path(eqx.Module):
    """A path X(s) through each series of a batch, and where on it the times of the series are."""

    derivative: Derivative
    start: Float[Array, "B C"]
    """X where the path begins: the time 0, and the first values."""
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
        if inner.shape[1] > 2 * _BLOCK:
            more = -inner.shape[1] % _BLOCK
            searched = jnp.pad(searched, ((0, 0), (0, more)), constant_values=jnp.inf)
        rows = jnp.concatenate([*powers, knots[:, :-1, None]], axis=-1)
        derivative = Derivative(searched, rows, values.shape[-1])
        return cls(derivative, values[:, 0], values, knots if times is None else times, end)

    def in_shares(self) -> "Path":
        """The same path, by the share of the way from its start to its end that lies behind."""
        length = jnp.where(self.end > 0, self.end, 1)
        derivative = self.derivative.in_shares(self.end)
        ones = self.end / length
        return Path(derivative, self.start, self.values, self.times / length[:, None], ones)

    def evaluate(self, s: float | Float[AnyArray, "*batch"]) -> Float[Array, "B C"]:
        """X at `s`, of shape [] or [B]."""
        index = self.derivative.index(s)
        return self.values[jnp.arange(len(index)), index] + self.derivative.integral(s)
