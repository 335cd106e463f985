"""Dynamics that are a convolutional net of an image and, unless switched off, of time."""

from collections.abc import Callable
from typing import Annotated, Any

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.conv import conv, conv_layer
from ..nn.dense import Activation, InitScale, activation_by_name, scale_parameters, with_time
from ..nn.norm import group_norm, group_norm_layer
from ..registry import register_dynamics
from ..schema import Depth, Padding, Range
from .base import AbstractBatchDynamics, Time
from .by_name import IMAGE, check_state_shape

Kernel = Annotated[int, Range(1, 99)]
"""Pixels of a side of a convolution's window."""


class ConvDynamics(AbstractBatchDynamics):
    """dy/dt = a chain of convolutions of an image [H, W, C], of any height and width.

    Each sees the time as one more channel of its input; after each but the last come a GroupNorm
    and an activation. As in the image models of Chen et al. 2018, "Neural Ordinary Differential
    Equations", and Dupont et al. 2019, "Augmented Neural ODEs".
    """

    layers: tuple[eqx.nn.Conv2d, ...]
    norms: tuple[eqx.nn.GroupNorm, ...] | None
    """None for none: Diffrax's backsolve cannot take an empty tuple."""
    activation: Callable[[Array], Array] = eqx.field(static=True)
    time: bool = eqx.field(static=True)

    def __init__(
        self,
        channels: int,
        *,
        width: int = 64,
        depth: int = 1,
        kernel: int = 3,
        activation: Callable[[Array], Array] = jax.nn.silu,
        norm: bool = True,
        time: bool = True,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        sizes = [channels, *[width] * depth, channels]
        pairs = zip(sizes[:-1], sizes[1:], jax.random.split(key, depth + 1), strict=True)
        *hidden, last = [conv_layer(i + time, o, kernel=kernel, key=k) for i, o, k in pairs]
        self.layers = (*hidden, scale_parameters(last, init_scale))
        self.norms = tuple(group_norm_layer(width) for _ in hidden) if norm and hidden else None
        self.activation = activation
        self.time = time

    def batch(self, t: Time, ys: Float[Array, "B H W C"], args: Any) -> Float[Array, "B H W C"]:
        """The derivatives of a batch of images; `args` is not used."""
        *hidden, last = self.layers
        norms = self.norms or (None,) * len(hidden)
        for layer, norm in zip(hidden, norms, strict=True):
            ys = conv(layer, self._seen(t, ys))
            ys = self.activation(ys if norm is None else group_norm(norm, ys))
        return conv(last, self._seen(t, ys))

    def _seen(self, t: Time, ys: Array) -> Array:
        return with_time(t, ys) if self.time else ys


@register_dynamics("conv")
def conv_dynamics(
    shape: tuple[int, ...],
    *,
    width: Padding = 0,
    depth: Depth = 1,
    kernel: Kernel = 3,
    activation: Activation = "gelu",
    norm: bool = True,
    time: bool = True,
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> ConvDynamics:
    """A convolutional net of an image and of time.

    Args:
        shape: height, width and channels of the state
        width: channels of a hidden layer; 0 for as many as the state has
        depth: number of hidden layers
        kernel: pixels of a side of the window
        activation: after each hidden layer
        norm: whether a GroupNorm comes before each activation
        time: whether each layer sees t as one more channel
        init_scale: factor on the last layer's initial weights and biases
        key: random key of the initial weights
    """
    check_state_shape("conv", shape, IMAGE)
    return ConvDynamics(
        shape[-1],
        width=width or shape[-1],
        depth=depth,
        kernel=kernel,
        activation=activation_by_name(activation),
        norm=norm,
        time=time,
        init_scale=init_scale,
        key=key,
    )
