"""Normalisation with the channels last, batch-native, on Equinox's own layers."""

import equinox as eqx
import jax
from jaxtyping import Array, Float


def group_norm_layer(channels: int, *, groups: int = 8) -> eqx.nn.GroupNorm:
    """An `eqx.nn.GroupNorm` of at most `groups` groups, each of two channels or more.

    As many as divide the channels. A group of one channel would be nothing but its mean where an
    image is one pixel. Wu and He 2018, "Group Normalization".
    """
    most = max(1, min(groups, channels // 2))
    fitting = next(count for count in range(most, 0, -1) if channels % count == 0)
    return eqx.nn.GroupNorm(fitting, channels)


def group_norm(
    layer: eqx.nn.GroupNorm, x: Float[Array, "B H W channels"]
) -> Float[Array, "B H W channels"]:
    """An `eqx.nn.GroupNorm` on a batch of images: mean 0 and variance 1 in each group, scaled."""
    grouped = x.reshape(*x.shape[:-1], layer.groups, -1)
    normalised = _standardised(grouped, (1, 2, 4), layer.eps).reshape(x.shape)
    return _scaled(layer, normalised)


def layer_norm(
    layer: eqx.nn.LayerNorm, x: Float[Array, "*axes features"]
) -> Float[Array, "*axes features"]:
    """An `eqx.nn.LayerNorm` of the last axis, on any leading axes.

    Ba et al. 2016, "Layer Normalization".
    """
    return _scaled(layer, _standardised(x, (-1,), layer.eps))


def _standardised(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    centred = x - x.mean(axes, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(axes, keepdims=True) + eps)


def _scaled(layer: eqx.nn.GroupNorm | eqx.nn.LayerNorm, x: Array) -> Array:
    x = x if layer.weight is None else x * layer.weight
    return x if layer.bias is None else x + layer.bias
