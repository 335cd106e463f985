"""The observations around each time of a series, channel by channel."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from ..types import AnyArray


class Gaps(NamedTuple):
    """Between which observations of its channel each piece between two times lies, [B, T-1, C]."""

    before: Int[Array, "B pieces C"]
    """The last time at or before the piece's beginning at which there is one."""
    after: Int[Array, "B pieces C"]
    """The first time at or after its end."""
    between: Bool[Array, "B pieces C"]
    """Whether there are both: elsewhere the path stays where it is."""


def gaps(mask: Bool[Array, "B T C"]) -> Gaps:
    """The gaps between observations, whose places `mask` says."""
    last, following = last_observed(mask), next_observed(mask)
    before, after = last[:, :-1], following[:, 1:]
    between = (before >= 0) & (after < mask.shape[1])
    return Gaps(jnp.maximum(before, 0), jnp.minimum(after, mask.shape[1] - 1), between)


def last_observed(mask: Bool[Array, "B T C"]) -> Int[Array, "B T C"]:
    """The last time at or before each at which a channel was observed; -1 where there is none."""
    return jax.lax.cummax(jnp.where(mask, _places(mask), -1), axis=1)


def next_observed(mask: Bool[Array, "B T C"]) -> Int[Array, "B T C"]:
    """The first time at or after each at which a channel is observed; T where there is none."""
    return jax.lax.cummin(jnp.where(mask, _places(mask), mask.shape[1]), axis=1, reverse=True)


def taken(values: Float[Array, "B T *C"], places: Int[Array, "B N C"]) -> Float[Array, "B N C"]:
    """Of each channel its values at some places; of times [B, T] those of all channels."""
    if values.ndim == 2:
        values = jnp.broadcast_to(values[..., None], (*values.shape, places.shape[-1]))
    return jnp.take_along_axis(values, places, axis=1)


def filled(x: Float[Array, "B T C"], mask: Bool[Array, "B T C"]) -> Float[Array, "B T C"]:
    """The last observed value of each channel; before it the first one, and 0 without any."""
    last, following = last_observed(mask), next_observed(mask)
    place = jnp.where(last < 0, jnp.minimum(following, mask.shape[1] - 1), last)
    return jnp.where(mask.any(axis=1, keepdims=True), taken(x, place), 0)


def since_observed(
    t: Float[AnyArray, "B T"], mask: Bool[AnyArray, "B T C"]
) -> Float[Array, "B T C"]:
    """How long before each time a channel was last observed; from the first time on where not yet.

    What is observed at a time counts from the next one on.
    """
    t, mask = jnp.asarray(t), jnp.asarray(mask)
    earlier = jnp.pad(last_observed(mask)[:, :-1], ((0, 0), (1, 0), (0, 0)), constant_values=-1)
    return t[..., None] - taken(t, jnp.maximum(earlier, 0))


def _places(mask: Bool[Array, "B T C"]) -> Int[Array, "T 1"]:
    return jnp.arange(mask.shape[1])[:, None]
