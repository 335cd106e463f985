"""A path in steps, which knows nothing of what comes: for use online."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..registry import register_control
from ..schema import PositiveInt
from .base import AbstractControl
from .neighbours import last_observed, taken
from .path import Path


class Rectilinear(AbstractControl):
    """First the time goes on to that of an observation, then the values go to what was observed.

    Morrill et al. 2022, "On the Choice of Interpolation Scheme for Neural CDEs": the path up to a
    time depends on what was observed by then and on nothing else, so that its CDE can be read at
    every time, before the values of that time are taken in. A channel keeps its last value, and is
    0, the mean, before its first one. The path is in a parameter s of its own, in which taking in
    the values of a time is 1 / `length` long, as the gap between two times is on average. The
    values of the first time are where the path starts.
    """

    smooth: ClassVar[bool] = False
    causal: ClassVar[bool] = True

    length: int = eqx.field(static=True)
    counts: bool = eqx.field(static=True, default=False)

    def through(
        self,
        t: Float[Array, "B T"],
        x: Float[Array, "B T C"],
        mask: Bool[Array, "B T C"],
    ) -> Path:
        """The path in steps: two pieces for each time after the first."""
        last = last_observed(mask)
        kept = jnp.where(last < 0, 0, taken(x, jnp.maximum(last, 0)))[..., 1:]
        step = 1 / self.length
        observed = mask[:, 1:, 1:].any(axis=-1)
        steps = jnp.cumsum(observed, axis=1)
        arrived = t[:, 1:] + step * (steps - observed).astype(t.dtype)
        done = t[:, 1:] + step * steps.astype(t.dtype)
        # In turn: the time moves and the values stay, the values move and the time stays.
        moves = jnp.where(jnp.diff(t, axis=1) > 0, 1, 0)[..., None].astype(x.dtype)
        going = jnp.concatenate([moves, jnp.zeros_like(kept[:, 1:])], axis=-1)
        taken_in = jnp.diff(kept, axis=1) / step
        taking = jnp.concatenate([jnp.zeros_like(moves), taken_in], axis=-1)
        before = jnp.concatenate([t[:, :-1, None], kept[:, :-1]], axis=-1)
        there = jnp.concatenate([t[:, 1:, None], kept[:, :-1]], axis=-1)
        knots = jnp.concatenate([t[:, :1], _alternating(arrived, done)], axis=1)
        # Padding comes when the last time does, before its values are taken in.
        last_time = jnp.where(moves[..., 0] > 0, arrived, 0).max(axis=1, keepdims=True)
        times = jnp.concatenate([t[:, :1], jnp.minimum(arrived, last_time)], axis=1)
        return Path.of(knots, [_alternating(going, taking)], _alternating(before, there), times)


def _alternating(a: Float[Array, "B N *C"], b: Float[Array, "B N *C"]) -> Float[Array, "B M *C"]:
    """a0, b0, a1, b1, ... along the second axis."""
    stacked = jnp.stack([a, b], axis=2)
    return stacked.reshape(a.shape[0], 2 * a.shape[1], *stacked.shape[3:])


@register_control("rectilinear")
def rectilinear(length: PositiveInt, *, counts: bool = False) -> Rectilinear:
    """A path in steps that depends on the past alone, for use online.

    Args:
        length: times of a series
        counts: whether the numbers of observations so far are channels
    """
    return Rectilinear(length, counts)
