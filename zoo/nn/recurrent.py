"""The gated recurrent unit on a batch of series, some of whose times have nothing to take in."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray


class GRU(eqx.Module):
    """An `eqx.nn.GRUCell` whose arithmetic is batch-native, one time after the other.

    Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder". What the inputs
    add to the gates is computed for all times at once; the scan multiplies the state alone.
    """

    cell: eqx.nn.GRUCell

    def __init__(self, in_size: int, hidden: int, *, key: PRNGKeyArray) -> None:
        self.cell = eqx.nn.GRUCell(in_size, hidden, key=key)

    def start(self, batch: int) -> Float[Array, "B hidden"]:
        """The state before anything was taken in: 0."""
        return jnp.zeros((batch, self.cell.hidden_size), self.cell.weight_hh.dtype)

    def gates(self, xs: Float[Array, "*axes inputs"]) -> Float[Array, "*axes gates"]:
        """What inputs add to the three gates, of any leading axes."""
        cell = self.cell
        assert cell.bias is not None, "a cell with biases was made"
        return xs @ cell.weight_ih.T + cell.bias

    def step(
        self, gates: Float[Array, "B gates"], hs: Float[Array, "B hidden"]
    ) -> Float[Array, "B hidden"]:
        """The states after inputs whose `gates` these are."""
        i_reset, i_update, i_new = jnp.split(gates, 3, axis=-1)
        h_reset, h_update, h_new = jnp.split(hs @ self.cell.weight_hh.T, 3, axis=-1)
        update = jax.nn.sigmoid(i_update + h_update)
        reset = jax.nn.sigmoid(i_reset + h_reset)
        assert self.cell.bias_n is not None, "a cell with biases was made"
        new = jnp.tanh(i_new + reset * (h_new + self.cell.bias_n))
        return new + update * (hs - new)

    def states(
        self, xs: Float[Array, "B T inputs"], there: Bool[Array, "B T"]
    ) -> tuple[Float[Array, "B T hidden"], Float[Array, "B hidden"]]:
        """The state before each time, and the one after the last.

        A time that is not `there` leaves the state as it is, whatever its inputs are.
        """

        def body(hs: Array, at: tuple[Array, Array]) -> tuple[Array, Array]:
            gates, there = at
            return jnp.where(there[:, None], self.step(gates, hs), hs), hs

        gates = jnp.moveaxis(self.gates(jnp.where(there[..., None], xs, 0)), 1, 0)
        last, before = jax.lax.scan(body, self.start(xs.shape[0]), (gates, there.T))
        return jnp.moveaxis(before, 0, 1), last
