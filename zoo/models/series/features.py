"""What a recurrent net of series takes in at each time, and what that costs."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ...controls import real_times
from ...types import AnyArray, Stats
from .batch import Series


def side_by_side(*parts: Float[AnyArray, "*axes _"] | None) -> Float[Array, "*axes _"]:
    """Features of the same leading axes in one array; those that are None are left out."""
    return jnp.concatenate([jnp.asarray(each) for each in parts if each is not None], axis=-1)


def observed_at(xs: Series) -> Bool[Array, "B T"]:
    """The times at which there is something to take in."""
    return xs.seen & real_times(xs.t)


def known_at(xs: Series) -> list[Float[Array, "B T _"] | None]:
    """What is known of each time without its values: the input u(t), and static numbers."""
    size, length = xs.t.shape
    static = inputs = None
    if xs.static is not None:
        static = jnp.asarray(xs.static)[:, None]
        static = jnp.broadcast_to(static, (size, length, static.shape[-1]))
    if xs.inputs is not None:
        inputs = jnp.where(real_times(xs.t)[..., None], xs.inputs, 0)
    return [inputs, static]


def values_at(xs: Series) -> list[Float[AnyArray, "B T _"] | None]:
    """The values of each time, 0 where there are none, and where there are some."""
    return [xs.x, xs.mask.astype(xs.x.dtype)]


def updates(xs: Series) -> Stats:
    """The cost of a recurrent net: an update at each time at which something was observed."""
    stats = Stats.discrete(*xs.t.shape)
    count = observed_at(xs).sum(axis=1, dtype=jnp.int32)

    def where(s: Stats) -> tuple[object, ...]:
        return (s.accepted, s.nfe, s.time)

    return eqx.tree_at(where, stats, (count, count, count.astype(stats.time.dtype)))
