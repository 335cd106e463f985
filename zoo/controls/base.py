"""What a control is: a path laid through the observations of series."""

import abc
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..types import AnyArray
from .path import Path
from .shorter import of_what_is_there


class AbstractControl(eqx.Module):
    """Base of all controls: how a path X is laid through series that are irregular and incomplete.

    A neural CDE is driven by it: dz = f(z) dX. The channels of X are the time since the start, the
    observed channels, with `counts` how many observations of each there were so far (Kidger et al.
    2020, "Neural Controlled Differential Equations for Irregular Time Series"), and a known input
    u(t) where there is one.

    To write your own, subclass, give the fields `length` and `counts`, say whether the path is
    `smooth` and `causal`, and implement `through`; then register a builder:

        @zoo.register_control("nearest")
        def nearest(length: int, *, counts: bool = False) -> Nearest: ...
    """

    smooth: ClassVar[bool]
    """Whether the slope of the path is continuous; else a solve has to stop at its knots, as it
    does better in any case."""
    causal: ClassVar[bool]
    """Whether the path up to a time depends on nothing that is observed after it."""

    length: eqx.AbstractVar[int]
    """Times of a series in the data: counts are divided by it, so that they are about 1."""
    counts: eqx.AbstractVar[bool]
    """Whether the numbers of observations so far are channels."""

    @abc.abstractmethod
    def through(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T C"],
        mask: Bool[Array, "B T C"],
    ) -> Path:
        """The path through the values `x` of all channels, where `mask` says there is one.

        `t` begins at 0 and does not fall; the last one repeated is padding, where the mask is False
        and x is 0. The first channel is the time itself. T is 2 or more.
        """

    def channels(self, size: int, inputs: int = 0) -> int:
        """How many channels the path has for series of `size` channels and `inputs` inputs."""
        return self.augmented(size, inputs)

    def augmented(self, size: int, inputs: int = 0) -> int:
        """How many channels `through` gets."""
        return 1 + size * (1 + self.counts) + inputs

    def path(
        self,
        t: Float[AnyArray, "B T"],
        x: Float[AnyArray, "B T D"],
        mask: Bool[AnyArray, "B T D"],
        inputs: Float[AnyArray, "B T U"] | None = None,
        *,
        in_shares: bool = False,
    ) -> Path:
        """The path through series whose times `t` count from the start of each.

        What `mask` hides, and padding, may hold anything. With `in_shares` it is a function of the
        share of its own way, from 0 to 1, and not of s.
        """

        def lay(t: Array, x: Array, mask: Array, inputs: Array | None) -> Path:
            path = self._laid(t, x, mask, inputs)
            return path.in_shares() if in_shares else path

        inputs = None if inputs is None else jnp.asarray(inputs)
        return of_what_is_there(lay, jnp.asarray(t), jnp.asarray(x), jnp.asarray(mask), inputs)

    def _laid(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T D"],
        mask: Bool[Array, "B T D"],
        inputs: Float[Array, "B T U"] | None,
    ) -> Path:
        """The path, through all of the times."""
        real = real_times(t)[..., None]
        time = t[..., None]
        values, masks = [time, jnp.where(mask, x, 0)], [real, mask & real]
        if self.counts:
            seen = (mask & real).any(axis=-1, keepdims=True)
            values.append(jnp.cumsum(mask & real, axis=1).astype(time.dtype) / self.length)
            masks.append(jnp.broadcast_to(seen, mask.shape))
        if inputs is not None:
            values.append(jnp.where(real, inputs, 0))
            masks.append(jnp.broadcast_to(real, inputs.shape))
        x, mask = jnp.concatenate(values, axis=-1), jnp.concatenate(masks, axis=-1)
        if x.shape[1] > 1:
            return self.through(t, jnp.where(mask, x, 0), mask)
        # A series of one observation is a path that stays where it is.
        twice = jnp.repeat(t, 2, axis=1)
        x, mask = jnp.pad(x, ((0, 0), (0, 1), (0, 0))), jnp.pad(mask, ((0, 0), (0, 1), (0, 0)))
        path = self.through(twice, jnp.where(mask, x, 0), mask)
        return eqx.tree_at(lambda p: p.times, path, path.times[:, :1])


def real_times(t: Float[AnyArray, "B T"]) -> Bool[Array, "B T"]:
    """Which times are no padding: the first, and those that are later than the one before."""
    later = jnp.diff(jnp.asarray(t), axis=1) > 0
    return jnp.concatenate([jnp.ones((t.shape[0], 1), bool), later], axis=1)
