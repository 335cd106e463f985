"""Encoders of series: a recurrent net backwards in time, over what is shown."""

from typing import Literal, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...nn import GRU, Affine, FeedForward
from .batch import Series
from .features import side_by_side, values_at

Encoder: TypeAlias = Literal["gru", "ode_rnn"]
_FLOW_STEPS = 2


class SeriesEncoder(eqx.Module):
    """[B, out_size] of a series, read backwards in time, so that it ends at the start.

    At each time that has a value the hidden state of a GRU (Cho et al. 2014) is updated by
    [x, mask, the time to the value after it, the time since the start]; times without a value, and
    padding, change nothing. The time to the next value is in units of their mean distance in the
    series, near 1 and not near 0 where there are many.
    With a `flow` the state also moves between two values, dh/ds = flow(h) with s the time that went
    by, by two steps of the midpoint rule: the ODE-RNN of Rubanova et al. 2019, "Latent ODEs for
    Irregularly-Sampled Time Series", with equal steps as there, since an encoder is fitted to the
    steps that it takes. A linear layer reads the hidden state, the time before the first value, and
    the statics.

    Args:
        channels: of the series.
        out_size: length of the output.
        hidden: length of the hidden state.
        kind: `gru`, or `ode_rnn` for one with a flow.
        static: how many statics the series have.
        key: random key of the initial weights.
    """

    gru: GRU
    flow: FeedForward | None
    head: Affine

    def __init__(
        self,
        channels: int,
        out_size: int,
        *,
        hidden: int = 32,
        kind: Encoder = "gru",
        static: int = 0,
        key: PRNGKeyArray,
    ) -> None:
        keys = jax.random.split(key, 3)
        self.gru = GRU(2 * channels + 2, hidden, key=keys[0])
        self.head = Affine(hidden + 1 + static, out_size, key=keys[1])
        moves = {"gru": False, "ode_rnn": True}[kind]
        flow = FeedForward(hidden, hidden, width=hidden, depth=1, init_scale=0.1, key=keys[2])
        self.flow = flow if moves else None

    def __call__(self, xs: Series) -> Float[Array, "B out"]:
        """What the encoder makes of each series."""
        since, seen = xs.since_start, xs.seen
        gaps = gaps_to_next(since, seen)
        unit = since[:, -1:] / jnp.maximum(seen.sum(axis=1, keepdims=True), 1)
        relative = jnp.where(unit > 0, gaps / jnp.where(unit > 0, unit, 1), 0)
        times = jnp.stack([relative, since], axis=-1)
        gates = self.gru.gates(side_by_side(*values_at(xs), times))

        def step(
            hs: Float[Array, "B H"],
            at: tuple[Float[Array, "B gates"], Float[Array, " B"], Bool[Array, " B"]],
        ) -> tuple[Float[Array, "B H"], None]:
            gates, gap, seen = at
            return jnp.where(seen[:, None], self.gru.step(gates, self._moved(hs, gap)), hs), None

        in_order = jax.tree.map(lambda each: jnp.moveaxis(each, 1, 0), (gates, gaps, seen))
        hs, _ = jax.lax.scan(step, self.gru.start(len(since)), in_order, reverse=True)
        first = jnp.where(seen, since, jnp.inf).min(axis=1, initial=jnp.inf)
        first = jnp.where(jnp.isfinite(first), first, 0)
        return self.head(side_by_side(self._moved(hs, first), first[:, None], xs.static))

    def _moved(self, hs: Float[Array, "B H"], gap: Float[Array, " B"]) -> Float[Array, "B H"]:
        """The hidden states after a time without values."""
        if self.flow is None:
            return hs
        h = gap[:, None] / _FLOW_STEPS
        for _ in range(_FLOW_STEPS):
            hs = hs + h * self.flow(hs + h / 2 * self.flow(hs))
        return hs


def gaps_to_next(t: Float[Array, "B T"], seen: Bool[Array, "B T"]) -> Float[Array, "B T"]:
    """From each time to the next one after it that has a value; 0 where there is none."""
    later = jnp.where(seen, t, jnp.inf)
    after = jax.lax.cummin(later[:, ::-1], axis=1)[:, ::-1]
    following = jnp.pad(after[:, 1:], ((0, 0), (0, 1)), constant_values=jnp.inf)
    return jnp.where(jnp.isfinite(following), following - t, 0)
