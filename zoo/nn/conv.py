"""Convolutions of images with the channels last, batch-native, on Equinox's own layers."""

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import DataError
from .fast_convolutions import install

_FORM = ("NHWC", "OIHW", "NHWC")


def conv_layer(
    in_channels: int, out_channels: int, *, kernel: int = 3, stride: int = 1, key: PRNGKeyArray
) -> eqx.nn.Conv2d:
    """An `eqx.nn.Conv2d` that keeps height and width, divided by `stride` and rounded up.

    To be evaluated by `conv`. Initialised as Equinox does: uniform within
    ±1/sqrt(in_channels · kernel²).
    """
    return eqx.nn.Conv2d(in_channels, out_channels, kernel, stride, padding="SAME", key=key)


def conv(layer: eqx.nn.Conv2d, x: Float[Array, "B H W inputs"]) -> Float[Array, "B h w outputs"]:
    """An `eqx.nn.Conv2d` on a batch of images [B, H, W, C].

    The channels last are 2 to 3 times as fast on CPU as `jax.vmap` of the layer, which has them
    first.

    Raises `DataError` for another number of channels, or inputs that are not four-dimensional.
    """
    if x.ndim != 4 or x.shape[-1] != layer.in_channels:
        raise DataError(
            f"A convolution of {layer.in_channels} channels got shape {x.shape}: expected "
            f"(B, height, width, {layer.in_channels}). One image is x[None]; grey images have one "
            "channel, x[..., None]."
        )
    install()
    y = jax.lax.conv_general_dilated(
        x,
        layer.weight,
        layer.stride,
        layer.padding,
        rhs_dilation=layer.dilation,
        dimension_numbers=_FORM,
        feature_group_count=layer.groups,
    )
    return y if layer.bias is None else y + layer.bias.reshape(-1)
