"""What a posterior path has to know of the values that are still to come."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from ...dynamics import Time
from ...nn import GRU, Affine
from ...types import AnyArray

_NEAR = 1e-3
"""Share of a gap within which a time is taken to be the end of it, as it is but for rounding."""


class ToCome(NamedTuple):
    """What there is to be known at each gap between two times, of the one that ends it."""

    t: Float[AnyArray, "B T"]
    values: Float[AnyArray, "B T C"]
    """Those of the path, and the encoder's state after reading backwards up to them."""


class PathEncoder(eqx.Module):
    """Reads paths backwards: at each time a hidden state, and at the start what is said of z(0).

    Given z(t), the law of what follows depends on later values alone (the path is Markov), so that
    a state that has read these, and no others, is all that a posterior drift needs.

    Args:
        channels: of the paths.
        out_size: of what is said of the start.
        hidden: units of the recurrent net.
        key: random key of the initial weights.
    """

    gru: GRU
    head: Affine
    told_size: int = eqx.field(static=True)
    """How many numbers `to_come` gives at a time."""

    def __init__(self, channels: int, out_size: int, *, hidden: int, key: PRNGKeyArray) -> None:
        first, second = jax.random.split(key)
        self.gru = GRU(channels + 1, hidden, key=first)
        self.head = Affine(hidden + channels, out_size, key=second)
        self.told_size = hidden + channels + 1

    def __call__(
        self, ts: Float[Array, "B T"], x: Float[Array, "B T D"]
    ) -> tuple[ToCome, Float[Array, "B out"]]:
        """What is to come at each time, and what is said of the start."""
        gates = self.gru.gates(jnp.concatenate([x, ts[..., None]], axis=-1))

        def step(hs: Array, at: Array) -> tuple[Array, Array]:
            hs = self.gru.step(at, hs)
            return hs, hs

        in_order = jnp.moveaxis(gates, 1, 0)
        _, states = jax.lax.scan(step, self.gru.start(len(x)), in_order, reverse=True)
        values = jnp.concatenate([x, jnp.moveaxis(states, 0, 1)], axis=-1)
        return ToCome(ts, values), self.head(values[:, 0])


def to_come(t: Time, told: ToCome) -> Float[Array, "B C_1"]:
    """What is known at t of what is to come: of the next time, and how long it is until then."""
    when = jnp.broadcast_to(jnp.asarray(t, told.t.dtype), len(told.t))
    gap = 1.0 / max(told.t.shape[1] - 1, 1)
    later: Int[Array, " B"] = jnp.sum(told.t <= when[:, None] + _NEAR * gap, axis=1)
    place = jnp.minimum(later, told.t.shape[1] - 1)
    row = jnp.arange(len(place))
    left = (jnp.asarray(told.t)[row, place] - when)[:, None] / gap
    return jnp.concatenate([jnp.asarray(told.values)[row, place], left], axis=-1)
