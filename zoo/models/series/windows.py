"""Windows of series, for multiple shooting: each with a start of its own."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .batch import Series


class Windows(eqx.Module):
    """B series cut into W windows each, one after another: rows i W to (i + 1) W - 1 are i's.

    A window ends at the time at which the next one begins. Each has as many times of its series as
    the others, whatever the length to which the series is padded; what is left of its row repeats
    its last time.
    """

    series: Series
    """[B W, L], without statics and inputs."""
    start: Float[Array, " BW"]
    """When each window begins, since its series' start."""
    counted: Bool[Array, "BW L D"]
    """Which values count: all that are shown, each once."""
    joined: Bool[Array, "B joins"]
    """Whether a window is followed by another one of more than one time."""


def windows_of(xs: Series, count: int) -> Windows:
    """`count` windows of each series; a series of few times has fewer, and the rest are empty."""
    t, x, seen = (jnp.asarray(each) for each in (xs.t, xs.x, xs.mask))
    size, length = t.shape
    most = max(-(-(length - 1) // count), 1)
    last = jnp.sum(t < t[:, -1:], axis=1)  # the place of the last time, before padding
    stride = jnp.maximum(-(-last // count), 1)
    first = jnp.minimum(jnp.arange(count) * stride[:, None], last[:, None])
    steps = jnp.minimum(jnp.arange(most + 1), stride[:, None])
    wanted = first[..., None] + steps[:, None]
    places = jnp.minimum(wanted, last[:, None, None])
    real = (jnp.arange(most + 1) <= stride[:, None])[:, None] & (wanted <= last[:, None, None])

    def cut(values: Array) -> Array:
        rows = values[jnp.arange(size)[:, None, None], places]
        return rows.reshape(size * count, most + 1, *values.shape[2:])

    real = real.reshape(size * count, most + 1)
    mask = cut(seen) & real[..., None]
    again = (jnp.arange(count) > 0)[:, None] & (jnp.arange(most + 1) == 0)
    counted = mask & ~jnp.tile(again, (size, 1))[..., None]
    series = Series(cut(t), jnp.where(mask, cut(x), 0), mask)
    joined = first[:, 1:] < last[:, None]
    start = cut(t)[:, 0] - jnp.repeat(t[:, 0], count)
    return Windows(series, start, counted, joined)


def jumps_between(
    starts: Float[Array, "BW S"], ends: Float[Array, "BW S"], joined: Bool[Array, "B joins"]
) -> Float[Array, " B"]:
    """The mean squared distance from where a window ends to where the next begins, by series."""
    size, joins = joined.shape
    begun = starts.reshape(size, joins + 1, -1)[:, 1:]
    ended = ends.reshape(size, joins + 1, -1)[:, :-1]
    squares = jnp.where(joined, jnp.mean((ended - begun) ** 2, axis=-1), 0)
    return squares.sum(axis=1) / jnp.maximum(joined.sum(axis=1), 1)
