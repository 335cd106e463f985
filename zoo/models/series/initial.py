"""Where a path begins: the initial state of a series, given, estimated or encoded."""

import abc
from collections.abc import Callable
from typing import Literal, TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...nn.dense import FeedForward
from .batch import Series
from .encoder import SeriesEncoder

Initial: TypeAlias = Literal["given", "estimated", "encoded"]
_FIRST = 5
"""Of how many values of a channel the start is estimated."""


class AbstractInitial(eqx.Module):
    """Base of what gives the state at a series' first time, [B, channels + augment].

    To write your own, subclass and give `__call__(xs: Series)`. The first entries are the channels,
    in the order of `xs.x`; the others are the model's own. Of `xs` only what `xs.mask` shows holds
    values. It is also asked for the state at the start of each window of multiple shooting.
    """

    @abc.abstractmethod
    def __call__(self, xs: Series) -> Float[Array, "B S"]:
        """The states at the first time of each series."""


class GivenInitial(AbstractInitial):
    """The first value of each channel, then zeros.

    A channel without a value at the first time begins with its next one, as if it had been there
    from the start, or with 0, the mean of the data, where it has none at all.
    """

    augment: int = eqx.field(static=True, default=0)

    def __call__(self, xs: Series) -> Float[Array, "B S"]:
        """The states at the first time of each series."""
        first = jnp.argmax(xs.mask, axis=1)[:, None]
        values = jnp.take_along_axis(xs.x, first, axis=1)[:, 0]
        return jnp.pad(values, ((0, 0), (0, self.augment)))


class EstimatedInitial(AbstractInitial):
    """The start of the line through each channel's first five values, corrected by a net of them.

    A first value that is noisy counts as one of five, and one that is missing is not needed. Fewer
    values than five do; of one the line is that value, of none 0. The net sees the values, their
    times and which there are; its last layer starts at a tenth of its weights.
    """

    net: FeedForward
    channels: int = eqx.field(static=True)

    def __init__(self, channels: int, augment: int = 0, *, width: int, key: PRNGKeyArray) -> None:
        self.net = FeedForward(
            3 * _FIRST * channels,
            channels + augment,
            width=width,
            depth=1,
            init_scale=0.1,
            key=key,
        )
        self.channels = channels

    def __call__(self, xs: Series) -> Float[Array, "B S"]:
        """The states at the first time of each series."""
        values, times, there = first_values(xs, _FIRST)
        line = start_of_line(values, times, there)
        seen = jnp.concatenate([values, times, there.astype(values.dtype)], axis=1)
        correction = self.net(seen.reshape(len(values), 3 * _FIRST * self.channels))
        return correction.at[:, : self.channels].add(line)


class EncodedInitial(AbstractInitial):
    """What a recurrent net makes of the whole series, read backwards in time."""

    encoder: SeriesEncoder

    def __call__(self, xs: Series) -> Float[Array, "B S"]:
        """The states at the first time of each series."""
        return self.encoder(xs)


def first_values(
    xs: Series, count: int
) -> tuple[Float[Array, "B K D"], Float[Array, "B K D"], Bool[Array, "B K D"]]:
    """The first `count` values of each channel, their times since the start, and which there are.

    Where there are fewer, values and times are 0.
    """
    order = jnp.argsort(~xs.mask, axis=1, stable=True)[:, :count]
    there = jnp.take_along_axis(xs.mask, order, axis=1)
    values = jnp.take_along_axis(xs.x, order, axis=1)
    since = jnp.broadcast_to(xs.since_start[..., None], xs.x.shape)
    times = jnp.where(there, jnp.take_along_axis(since, order, axis=1), 0)
    room = ((0, 0), (0, count - order.shape[1]), (0, 0))
    return jnp.pad(values, room), jnp.pad(times, room), jnp.pad(there, room)


def start_of_line(
    values: Float[Array, "B K D"], times: Float[Array, "B K D"], there: Bool[Array, "B K D"]
) -> Float[Array, "B D"]:
    """The value at time 0 of the least-squares line through the values that are there."""
    count = jnp.maximum(there.sum(axis=1), 1)
    mean, at = values.sum(axis=1) / count, times.sum(axis=1) / count
    offsets = jnp.where(there, times - at[:, None], 0)
    spread = jnp.sum(offsets**2, axis=1)
    slope = jnp.sum(offsets * values, axis=1) / jnp.where(spread > 0, spread, 1)
    return mean - slope * at


def initial_by_name(
    name: Initial, channels: int, augment: int, static: int, width: int, *, key: PRNGKeyArray
) -> AbstractInitial:
    """What gives the initial state, by its name in `Initial`."""

    def given() -> AbstractInitial:
        return GivenInitial(augment)

    def estimated() -> AbstractInitial:
        return EstimatedInitial(channels, augment, width=width, key=key)

    def encoded() -> AbstractInitial:
        size = channels + augment
        return EncodedInitial(SeriesEncoder(channels, size, hidden=width, static=static, key=key))

    makers: dict[str, Callable[[], AbstractInitial]]
    makers = {"given": given, "estimated": estimated, "encoded": encoded}
    return makers[name]()
