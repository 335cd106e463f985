"""Dynamics of an image whose convolutions are gated and shifted by time, as in FFJORD."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.conv import conv, conv_layer
from ..nn.dense import Activation, InitScale, activation_by_name, linear, scale_parameters
from ..registry import register_dynamics
from ..schema import Depth, Padding
from .base import AbstractBatchDynamics, Time
from .by_name import IMAGE, check_state_shape
from .conv import Kernel


class ConvConcatSquash(eqx.Module):
    """One layer: (W * y + b) · sigmoid(g t + c) + s t of images y [B, H, W, inputs], t [] or [B].

    Gate and shift are one number a channel. Grathwohl et al. 2019, "FFJORD", whose code calls it
    concatsquash.
    """

    state: eqx.nn.Conv2d
    gate: eqx.nn.Linear
    shift: eqx.nn.Linear

    def __init__(
        self, in_channels: int, out_channels: int, *, kernel: int = 3, key: PRNGKeyArray
    ) -> None:
        state_key, gate_key, shift_key = jax.random.split(key, 3)
        self.state = conv_layer(in_channels, out_channels, kernel=kernel, key=state_key)
        self.gate = eqx.nn.Linear(1, out_channels, key=gate_key)
        self.shift = eqx.nn.Linear(1, out_channels, use_bias=False, key=shift_key)

    def __call__(self, t: Time, ys: Float[Array, "B H W inputs"]) -> Float[Array, "B H W outputs"]:
        """The layer's output for a batch."""
        time = jnp.asarray(t, ys.dtype)
        # [1, 1, 1, 1] or [B, 1, 1, 1]: the same for all pixels of an image.
        time = time.reshape(-1, 1, 1, 1)
        gate = jax.nn.sigmoid(linear(self.gate, time))
        return conv(self.state, ys) * gate + linear(self.shift, time)


class ConvConcatSquashDynamics(AbstractBatchDynamics):
    """dy/dt = a stack of `ConvConcatSquash` layers, an activation after each but the last."""

    layers: tuple[ConvConcatSquash, ...]
    activation: Callable[[Array], Array] = eqx.field(static=True)

    def __init__(
        self,
        channels: int,
        *,
        width: int = 64,
        depth: int = 2,
        kernel: int = 3,
        activation: Callable[[Array], Array] = jax.nn.silu,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        sizes = [channels, *[width] * depth, channels]
        pairs = zip(sizes[:-1], sizes[1:], jax.random.split(key, depth + 1), strict=True)
        *hidden, last = [ConvConcatSquash(i, o, kernel=kernel, key=k) for i, o, k in pairs]
        # The gate bounds the state's part: only what is added has to be scaled.
        scaled = scale_parameters((last.state, last.shift), init_scale)
        last = eqx.tree_at(lambda layer: (layer.state, layer.shift), last, scaled)
        self.layers = (*hidden, last)
        self.activation = activation

    def batch(self, t: Time, ys: Float[Array, "B H W C"], args: Any) -> Float[Array, "B H W C"]:
        """The derivatives of a batch of images; `args` is not used."""
        *hidden, last = self.layers
        for layer in hidden:
            ys = self.activation(layer(t, ys))
        return last(t, ys)


@register_dynamics("conv_concat_squash")
def conv_concat_squash(
    shape: tuple[int, ...],
    *,
    width: Padding = 0,
    depth: Depth = 2,
    kernel: Kernel = 3,
    activation: Activation = "gelu",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> ConvConcatSquashDynamics:
    """A convolutional net of an image whose every layer is gated and shifted by time.

    Args:
        shape: height, width and channels of the state
        width: channels of a hidden layer; 0 for as many as the state has
        depth: number of hidden layers
        kernel: pixels of a side of the window
        activation: after each hidden layer
        init_scale: factor on the last layer's initial output
        key: random key of the initial weights
    """
    check_state_shape("conv_concat_squash", shape, IMAGE)
    return ConvConcatSquashDynamics(
        shape[-1],
        width=width or shape[-1],
        depth=depth,
        kernel=kernel,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
