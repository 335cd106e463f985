"""The interval of each lane, its pieces between jumps of the field, and the times the field sees.

Inside the engine time is τ, how far a lane has come from its start; it runs forward from 0 also
where the solve runs backwards.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from ...types import Tree
from ..times import Times
from .devices import while_loop
from .lanes import Lane, one_of


class Piece(NamedTuple):
    """A part of a lane's interval in which its field does not jump; of a table, all of them."""

    start: Shaped[Array, "*lanes"]
    """τ at which it begins."""
    stop: Shaped[Array, "*lanes"]
    """τ at which it ends, and with it a step."""
    low: Shaped[Array, "*lanes"]
    """The earliest time that the field may be evaluated at in it."""
    high: Shaped[Array, "*lanes"]
    """The latest."""


class Interval(NamedTuple):
    """The interval of each lane: from τ = 0 to `length`."""

    t0: Lane
    sign: Lane
    """-1 where the solve runs backwards."""
    length: Lane
    pieces: Piece
    """The whole interval; where the field jumps, tables [*lanes, K + 1] of its pieces."""
    valid: Bool[Array, "*lanes"] | None

    @property
    def arrival(self) -> Lane:
        """τ from which on a lane is at its end."""
        return arrival(self.length)

    @property
    def jumps(self) -> bool:
        """Whether there are pieces to tell apart."""
        return self.pieces.stop.ndim > self.length.ndim

    def piece(self, index: Int[Array, "*lanes"] | None) -> Piece:
        """The piece with this number, of each lane; the whole interval where there is but one."""
        if index is None:
            return self.pieces

        def take(table: Array) -> Array:
            at = jnp.take_along_axis(table, index[..., None], axis=-1, mode="promise_in_bounds")
            return at[..., 0]

        return Piece(*map(take, self.pieces))

    def time(self, tau: Lane, piece: Piece) -> Lane:
        """The time that the field sees at τ: never outside of the piece.

        Of a jump each side is seen from inside, one place of rounding beside it.
        """
        time = self.t0 + self.sign * tau
        inside = jnp.clip(time, piece.low, piece.high)
        return time + jax.lax.stop_gradient(inside - time)

    def first_time(self) -> Lane:
        """The time that the field sees at the start."""
        return self.time(jnp.zeros_like(self.length), self.piece(first_piece(self)))

    def last_time(self) -> Lane:
        """The time that the field sees at the end."""
        return self.time(self.length, self.piece(last_piece(self)))


def arrival(end: Array) -> Array:
    """τ from which on a lane counts as having come to `end`: a few roundings below it.

    XLA may compute `end` in two places and round it differently in each; a lane that has reached
    the one value can then be just below the other.
    """
    return end * (1 - 4 * jnp.finfo(end.dtype).eps)


def of_lanes(tree: Tree, lane: Int[Array, " few"]) -> Tree:
    """The lanes named, of every array in the tree."""
    return jax.tree.map(lambda x: x[lane] if eqx.is_array(x) else x, tree)


def interval_of(times: Times, joint: bool, batch_size: int) -> tuple[Interval, Array | None]:
    """The lanes' intervals, and τ of the values wanted, [T] or [T, B], where any are."""
    last, end = times.offsets, times.ends
    if times.wanted:
        last, end = last[..., -1], end[..., -1]
    if joint and last.ndim:
        farthest = jnp.argmax(jnp.abs(last))
        last, end = last[farthest], end[farthest]
    sign = jnp.where(last < 0, -1, 1).astype(last.dtype)
    wanted = (sign[..., None] * times.offsets).T if times.wanted else None
    shape = () if joint else (batch_size,)

    def lanes(x: Array) -> Array:
        return jnp.broadcast_to(x, shape)

    valid = None if times.valid is None else lanes(times.valid.all() if joint else times.valid)
    t0, sign, length, end = map(lanes, (times.t0, sign, jnp.abs(last), end))
    if times.jumps is None:
        whole = Piece(jnp.zeros_like(length), length, jnp.minimum(t0, end), jnp.maximum(t0, end))
        return Interval(t0, sign, length, whole, valid), wanted
    at, tau = _of_all_lanes(times, joint, shape)
    pieces = _pieces(t0, end, sign, length, at, sign[..., None] * tau)
    return Interval(t0, sign, length, pieces, valid), wanted


def _of_all_lanes(times: Times, joint: bool, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Times of jumps and their distances from t0, [*lanes, K]; of lanes in step, those of all."""
    assert times.jumps is not None and times.jump_offsets is not None, "the field jumps"
    both = times.jumps, times.jump_offsets
    if joint:
        both = tuple(x.reshape(-1) for x in both)  # type: ignore[assignment]
    at, tau = (jnp.broadcast_to(x, (*shape, x.shape[-1])) for x in both)
    return at, tau


def _pieces(
    t0: Lane,
    end: Lane,
    sign: Lane,
    length: Lane,
    jumps: Float[Array, "*lanes K"],
    tau: Float[Array, "*lanes K"],
) -> Piece:
    """The pieces between the jumps inside the interval, whatever their order; others are empty."""
    inside = (tau > 0) & (tau < length[..., None])
    tau, jumps = _in_order(jnp.where(inside, tau, jnp.inf), jumps)
    stop = jnp.concatenate([jnp.minimum(tau, length[..., None]), length[..., None]], axis=-1)
    start = jnp.concatenate([jnp.zeros_like(length)[..., None], stop[..., :-1]], axis=-1)
    after, before = beside(jumps, sign[..., None]), beside(jumps, -sign[..., None])
    there = jnp.isfinite(tau)
    first, last = _seen_at(t0, jumps, sign), _seen_at(end, jumps, -sign)
    enter = jnp.concatenate([first[..., None], jnp.where(there, after, first[..., None])], axis=-1)
    leave = jnp.concatenate([jnp.where(there, before, last[..., None]), last[..., None]], axis=-1)
    return Piece(start, stop, jnp.minimum(enter, leave), jnp.maximum(enter, leave))


def _in_order(tau: Array, jumps: Array) -> tuple[Array, Array]:
    """Both in the order of `tau`, each once; those that repeat one are infinite, at the end.

    The knots of a path are in order as they come, and nothing is sorted.
    """

    def once(tau: Array) -> Array:
        return jnp.where(jnp.diff(tau, axis=-1, prepend=-1) == 0, jnp.inf, tau)

    def mixed(state: tuple[Array, Array]) -> Array:
        return (state[0][..., 1:] < state[0][..., :-1]).any()

    def sort(state: tuple[Array, Array]) -> tuple[Array, Array]:
        tau, order = jax.lax.sort(state, num_keys=1)
        return once(tau), order

    place = jnp.broadcast_to(jnp.arange(tau.shape[-1]), tau.shape)
    found, order = while_loop(mixed, sort, (once(jax.lax.stop_gradient(tau)), place))
    tau, jumps = (jnp.take_along_axis(x, order, axis=-1) for x in (tau, jumps))
    return jnp.where(jnp.isfinite(found), tau, jnp.inf), jumps


def _seen_at(end: Lane, jumps: Array, sign: Lane) -> Lane:
    """An end of the interval as it is seen from within: beside it where the field jumps there."""
    jumps_there = (jumps == end[..., None]).any(axis=-1)
    return jnp.where(jumps_there, beside(end, sign), end)


def beside(time: Array, sign: Array) -> Array:
    """The next number after `time`, upwards where `sign` is positive; a constant for gradients."""
    time = jax.lax.stop_gradient(time)
    return jnp.nextafter(time, jnp.broadcast_to(sign * jnp.inf, time.shape))


def next_piece(
    span: Interval,
    index: Int[Array, "*lanes"],
    piece: Piece,
    start: Lane,
    kept: Bool[Array, "*lanes"],
) -> Int[Array, "*lanes"]:
    """The number of the piece in which a lane's next step lies; `piece` is the one it was in."""
    most = span.pieces.stop.shape[-1] - 1
    return jnp.minimum(index + one_of(kept & (start >= arrival(piece.stop))), most)


def first_piece(span: Interval) -> Int[Array, "*lanes"] | None:
    """The number of the piece in which each lane starts; None where there is but one."""
    return jnp.zeros(span.length.shape, jnp.int32) if span.jumps else None


def last_piece(span: Interval) -> Int[Array, "*lanes"] | None:
    """The number of the piece that reaches each lane's end; None where there is but one."""
    if not span.jumps:
        return None
    return jnp.sum(span.pieces.stop < span.length[..., None], axis=-1, dtype=jnp.int32)
