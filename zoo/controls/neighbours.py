"""The observations around each time of a series, channel by channel."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..types import AnyArray


class Gaps(NamedTuple):
    """The observations between which each piece between two times lies, channel by channel."""

    start: Float[Array, "B pieces C"]
    """The time of the last observation at or before the piece's beginning."""
    value: Float[Array, "B pieces C"]
    """What was observed then."""
    between: Bool[Array, "B pieces C"]
    """Whether there is one at or after its end too: elsewhere the path stays where it is."""
    length: Float[Array, "B pieces C"]
    """How far these two lie apart; 1 where there are not both."""
    slope: Float[Array, "B pieces C"]
    """The slope of the chord from one to the other; 0 where there are not both."""
    earlier: Float[Array, "B pieces C"]
    """The slope of the chord that ends where this one begins; this one's where it is the first."""
    resting: Float[Array, "B pieces C"]
    """Where the path stays: the last value, before the first one that, and 0 without any."""


def gaps(t: Float[Array, "B T"], x: Float[Array, "B T C"], mask: Bool[Array, "B T C"]) -> Gaps:
    """The gaps between observations of `x` at times `t`, where `mask` says there is one."""
    start, value, count, chord = (each[:, :-1] for each in _nearest(t, x, mask, reverse=False))
    stop, following, more, _ = (each[:, 1:] for each in _nearest(t, x, mask, reverse=True))
    between = (count > 0) & (more > 0)
    length = jnp.where(between, stop - start, 1)
    slope = jnp.where(between, (following - value) / length, 0)
    earlier = jnp.where(between & (count > 1), chord, slope)
    return Gaps(
        start, value, between, length, slope, earlier, jnp.where(count > 0, value, following)
    )


def _nearest(
    t: Float[Array, "B T"], x: Float[Array, "B T C"], mask: Bool[Array, "B T C"], *, reverse: bool
) -> Float[Array, "4 B T C"]:
    """The nearest observation in one direction: its time and value, how many there are so far, and
    the slope of the chord that ends at it; 0 where there is none.

    A loop over the times that carries them is compiled in a third of the time of one that carries
    places, from which all are gathered.
    """

    def body(last: Array, at: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        t, x, observed = at
        before, value, count, _ = last
        length = jnp.where(observed & (count > 0), t[:, None] - before, 1)
        chord = jnp.where(count > 0, (x - value) / length, 0)
        now = jnp.stack([jnp.broadcast_to(t[:, None], x.shape), x, count + 1, chord])
        last = jnp.where(observed, now, last)
        return last, last

    start = jnp.zeros((4, x.shape[0], x.shape[2]), x.dtype)
    steps = t.T.astype(x.dtype), jnp.moveaxis(x, 1, 0), jnp.moveaxis(mask, 1, 0)
    return jnp.moveaxis(jax.lax.scan(body, start, steps, reverse=reverse)[1], 0, 2)


def last_observed(mask: Bool[Array, "B T C"]) -> Int[Array, "B T C"]:
    """The last time at or before each at which a channel was observed; -1 where there is none."""

    def body(place: Array, at: tuple[Array, Array]) -> tuple[Array, Array]:
        place = jnp.where(at[0], at[1], place)
        return place, place

    # A loop over the times: a third of the time of `lax.cummax`, which needs log T passes on CPU.
    start = jnp.full((mask.shape[0], mask.shape[2]), -1)
    times = jnp.moveaxis(jnp.asarray(mask), 1, 0), jnp.arange(mask.shape[1])
    return jnp.moveaxis(jax.lax.scan(body, start, times)[1], 0, 1)


def taken(values: Float[Array, "B T *C"], places: Int[Array, "B N C"]) -> Float[Array, "B N C"]:
    """Of each channel its values at some places; of times [B, T] those of all channels."""
    if values.ndim == 2:
        values = jnp.broadcast_to(values[..., None], (*values.shape, places.shape[-1]))
    return jnp.take_along_axis(values, places, axis=1)


def since_observed(
    t: Float[AnyArray, "B T"], mask: Bool[AnyArray, "B T C"]
) -> Float[Array, "B T C"]:
    """How long before each time a channel was last observed; from the first time on where not yet.

    What is observed at a time counts from the next one on.
    """
    t, mask = jnp.asarray(t), jnp.asarray(mask)
    earlier = jnp.pad(last_observed(mask)[:, :-1], ((0, 0), (1, 0), (0, 0)), constant_values=-1)
    return t[..., None] - taken(t, jnp.maximum(earlier, 0))
