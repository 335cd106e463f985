"""Dynamics whose layers are gated and shifted by time, as in FFJORD."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import Activation, InitScale, activation_by_name, linear, scale_parameters
from ..registry import register_dynamics
from ..schema import Depth, Size
from ..types import Args
from .base import AbstractBatchDynamics, Time


class ConcatSquash(eqx.Module):
    """One layer: (W y + b) * sigmoid(g t + c) + s t, of y [B, inputs] and t [] or [B].

    Grathwohl et al. 2019, "FFJORD", whose code calls it concatsquash.
    """

    state: eqx.nn.Linear
    gate: eqx.nn.Linear
    shift: eqx.nn.Linear

    def __init__(self, in_size: int, out_size: int, *, key: PRNGKeyArray) -> None:
        state_key, gate_key, shift_key = jax.random.split(key, 3)
        self.state = eqx.nn.Linear(in_size, out_size, key=state_key)
        self.gate = eqx.nn.Linear(1, out_size, key=gate_key)
        self.shift = eqx.nn.Linear(1, out_size, use_bias=False, key=shift_key)

    def __call__(self, t: Time, ys: Float[Array, "B inputs"]) -> Float[Array, "B outputs"]:
        """The layer's output for a batch."""
        time = jnp.asarray(t, ys.dtype)[..., None]
        gate = jax.nn.sigmoid(linear(self.gate, time))
        return linear(self.state, ys) * gate + linear(self.shift, time)


class ConcatSquashDynamics(AbstractBatchDynamics):
    """dy/dt = a stack of `ConcatSquash` layers, an activation after each but the last."""

    layers: tuple[ConcatSquash, ...]
    activation: Callable[[Array], Array] = eqx.field(static=True)

    def __init__(
        self,
        size: int,
        *,
        width: int = 64,
        depth: int = 3,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        sizes = [size, *[width] * depth, size]
        keys = jax.random.split(key, depth + 1)
        pairs = zip(sizes[:-1], sizes[1:], keys, strict=True)
        *hidden, last = [ConcatSquash(i, o, key=k) for i, o, k in pairs]
        # The gate bounds the state's part: only what is added has to be scaled.

        def added(layer: ConcatSquash) -> tuple[eqx.nn.Linear, eqx.nn.Linear]:
            return (layer.state, layer.shift)

        last = eqx.tree_at(added, last, scale_parameters(added(last), init_scale))
        self.layers = (*hidden, last)
        self.activation = activation

    def batch(self, t: Time, ys: Float[Array, "B D"], args: Args) -> Float[Array, "B D"]:
        """The derivatives of a batch of states; `args` is not used."""
        *hidden, last = self.layers
        for layer in hidden:
            ys = self.activation(layer(t, ys))
        return last(t, ys)


@register_dynamics("concat_squash")
def concat_squash(
    size: int,
    *,
    width: Size = 64,
    depth: Depth = 3,
    activation: Activation = "gelu",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> ConcatSquashDynamics:
    """A dense net whose every layer is gated and shifted by time.

    Args:
        size: length of the state
        width: units of a hidden layer
        depth: number of hidden layers
        activation: after each hidden layer
        init_scale: factor on the last layer's initial output
        key: random key of the initial weights
    """
    return ConcatSquashDynamics(
        size,
        width=width,
        depth=depth,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
