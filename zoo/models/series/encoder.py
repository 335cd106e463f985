"""Encoders of series: a recurrent net backwards in time, over what is shown."""

from typing import Literal, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ...nn.dense import Affine, FeedForward
from .batch import Series

Encoder: TypeAlias = Literal["gru", "ode_rnn"]
_FLOW_STEPS = 2


class SeriesEncoder(eqx.Module):
    """[B, out_size] of a series, read backwards in time, so that it ends at the start.

    At each time that has a value the hidden state of a GRU (Cho et al. 2014) is updated by
    [x, mask, the time to the value after it]; times without one, and padding, change nothing.
    With a `flow` the state also moves between two values, dh/ds = flow(h) with s the time that went
    by, by two steps of the midpoint rule: the ODE-RNN of Rubanova et al. 2019, "Latent ODEs for
    Irregularly-Sampled Time Series". A linear layer reads the hidden state, the time before the
    first value, and the statics.

    Args:
        channels: of the series.
        out_size: length of the output.
        hidden: length of the hidden state.
        kind: `gru`, or `ode_rnn` for one with a flow.
        static: how many statics the series have.
        key: random key of the initial weights.
    """

    cell: eqx.nn.GRUCell
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
        self.cell = eqx.nn.GRUCell(2 * channels + 1, hidden, key=keys[0])
        self.head = Affine(hidden + 1 + static, out_size, key=keys[1])
        moves = {"gru": False, "ode_rnn": True}[kind]
        flow = FeedForward(hidden, hidden, width=hidden, depth=1, init_scale=0.1, key=keys[2])
        self.flow = flow if moves else None

    def __call__(self, xs: Series) -> Float[Array, "B out"]:
        """What the encoder makes of each series."""
        seen, gaps = xs.seen, gaps_to_next(xs.since_start, xs.seen)
        features = jnp.concatenate([xs.x, xs.mask.astype(xs.x.dtype), gaps[..., None]], axis=-1)
        drive = features @ self.cell.weight_ih.T + _bias(self.cell.bias)
        hidden = jnp.zeros((len(xs.x), self.cell.hidden_size), drive.dtype)

        def step(
            hidden: Float[Array, "B H"],
            at: tuple[Float[Array, "B gates"], Float[Array, " B"], Bool[Array, " B"]],
        ) -> tuple[Float[Array, "B H"], None]:
            drive, gap, seen = at
            new = _gru_step(self.cell, drive, self._moved(hidden, gap))
            return jnp.where(seen[:, None], new, hidden), None

        in_order = jax.tree.map(lambda each: jnp.moveaxis(each, 1, 0), (drive, gaps, seen))
        hidden, _ = jax.lax.scan(step, hidden, in_order, reverse=True)
        first = jnp.where(seen, xs.since_start, jnp.inf).min(axis=1, initial=jnp.inf)
        first = jnp.where(jnp.isfinite(first), first, 0)
        read = [self._moved(hidden, first), first[:, None]]
        read += [] if xs.static is None else [jnp.asarray(xs.static)]
        return self.head(jnp.concatenate(read, axis=-1))

    def _moved(self, hidden: Float[Array, "B H"], gap: Float[Array, " B"]) -> Float[Array, "B H"]:
        """The hidden state after a time without values."""
        if self.flow is None:
            return hidden
        h = gap[:, None] / _FLOW_STEPS
        for _ in range(_FLOW_STEPS):
            middle = hidden + h / 2 * self.flow(hidden)
            hidden = hidden + h * self.flow(middle)
        return hidden


def gaps_to_next(t: Float[Array, "B T"], seen: Bool[Array, "B T"]) -> Float[Array, "B T"]:
    """From each time to the next one after it that has a value; 0 where there is none."""
    later = jnp.where(seen, t, jnp.inf)
    after = jax.lax.cummin(later[:, ::-1], axis=1)[:, ::-1]
    following = jnp.pad(after[:, 1:], ((0, 0), (0, 1)), constant_values=jnp.inf)
    return jnp.where(jnp.isfinite(following), following - t, 0)


def _gru_step(
    cell: eqx.nn.GRUCell, drive: Float[Array, "B gates"], hidden: Float[Array, "B H"]
) -> Float[Array, "B H"]:
    """The next hidden states; `drive` is what the input adds to the three gates."""
    reset, update, new = jnp.split(drive, 3, axis=-1)
    from_reset, from_update, from_new = jnp.split(hidden @ cell.weight_hh.T, 3, axis=-1)
    reset = jax.nn.sigmoid(reset + from_reset)
    update = jax.nn.sigmoid(update + from_update)
    new = jnp.tanh(new + reset * (from_new + _bias(cell.bias_n)))
    return new + update * (hidden - new)


def _bias(bias: Array | None) -> Array:
    assert bias is not None, "the cell was made with biases"
    return bias
