"""Dynamics that are a U-Net of an image of any size, and of time."""

from collections.abc import Callable
from typing import Annotated, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.conv import conv, conv_layer
from ..nn.dense import Activation, InitScale, activation_by_name, scale_parameters, with_time
from ..nn.norm import group_norm, group_norm_layer
from ..registry import register_dynamics
from ..schema import Layers, Range, Size
from .base import AbstractBatchDynamics, Time
from .by_name import IMAGE, check_state_shape


class UNetDynamics(AbstractBatchDynamics):
    """dy/dt = a U-Net of an image [H, W, C], of any height and width from one pixel on.

    Each of `levels` halves height and width, rounded up, and doubles the channels; on the way back
    each level is doubled by repeating pixels, cut to the size that it had, and joined with what was
    there before. The time is one more channel of the first layer's input and of the smallest
    image's. Ronneberger et al. 2015, "U-Net".
    """

    enter: eqx.nn.Conv2d
    down: tuple[eqx.nn.Conv2d, ...]
    middle: eqx.nn.Conv2d
    up: tuple[eqx.nn.Conv2d, ...]
    leave: eqx.nn.Conv2d
    norms: tuple[eqx.nn.GroupNorm, ...]
    activation: Callable[[Array], Array] = eqx.field(static=True)

    def __init__(
        self,
        channels: int,
        *,
        width: int = 16,
        levels: int = 2,
        activation: Callable[[Array], Array] = jax.nn.silu,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        widths = [width * 2**level for level in range(levels + 1)]
        ends, down, up = (jax.random.split(k, levels + 3) for k in jax.random.split(key, 3))
        steps = list(zip(widths[:-1], widths[1:], down[:levels], up[:levels], strict=True))
        self.enter = conv_layer(channels + 1, width, key=ends[0])
        self.down = tuple(conv_layer(fine, coarse, stride=2, key=k) for fine, coarse, k, _ in steps)
        self.middle = conv_layer(widths[-1] + 1, widths[-1], key=ends[1])
        self.up = tuple(conv_layer(coarse + fine, fine, key=k) for fine, coarse, _, k in steps)
        self.leave = scale_parameters(conv_layer(width, channels, key=ends[2]), init_scale)
        self.norms = tuple(map(group_norm_layer, widths))
        self.activation = activation

    def batch(self, t: Time, ys: Float[Array, "B H W C"], args: Any) -> Float[Array, "B H W C"]:
        """The derivatives of a batch of images; `args` is not used."""
        x, skipped = conv(self.enter, with_time(t, ys)), []
        for layer, norm in zip(self.down, self.norms[:-1], strict=True):
            x = self.activation(group_norm(norm, x))
            skipped.append(x)
            x = conv(layer, x)
        x = self.activation(group_norm(self.norms[-1], x))
        x = self.activation(conv(self.middle, with_time(t, x)))
        for layer, beside in zip(reversed(self.up), reversed(skipped), strict=True):
            x = jnp.concatenate([_doubled(x, beside.shape[1:3]), beside], axis=-1)
            x = self.activation(conv(layer, x))
        return conv(self.leave, x)


def _doubled(x: Array, size: tuple[int, ...]) -> Array:
    """Each pixel four times, cut to the height and width in `size`."""
    return x.repeat(2, axis=1).repeat(2, axis=2)[:, : size[0], : size[1]]


@register_dynamics("unet")
def unet_dynamics(
    shape: tuple[int, ...],
    *,
    width: Size = 16,
    levels: Annotated[int, Range(0, 10), Layers(more=1)] = 2,
    activation: Activation = "gelu",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> UNetDynamics:
    """A U-Net of an image and of time.

    Args:
        shape: height, width and channels of the state
        width: channels of the first level, doubled at each further one
        levels: how often height and width are halved
        activation: after each layer but the last
        init_scale: factor on the last layer's initial weights and biases
        key: random key of the initial weights
    """
    check_state_shape("unet", shape, IMAGE)
    return UNetDynamics(
        shape[-1],
        width=width,
        levels=levels,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
