"""The first layers of a model of images: one convolution, or some that make the image smaller."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Annotated, TypeAlias

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.norm import group_norm, group_norm_layer
from ..schema import Layers, Range
from .images import Convolution

Halvings: TypeAlias = Annotated[int, Range(0, 10), Layers()]
"""Convolutions of stride 2 in a stem, or 0 for one that keeps the image's size."""


class Downsampling(eqx.Module):
    """Convolutions of stride 2 in a row, a GroupNorm and silu after each.

    Each halves height and width, rounded up. Two of them are what Chen et al. 2018, "Neural
    Ordinary Differential Equations", put before the ODE block of 7×7 pixels for MNIST.

    Args:
        channels: those of the image, and of each layer's output.
    """

    layers: tuple[Convolution, ...]
    norms: tuple[eqx.nn.GroupNorm, ...]

    def __init__(self, channels: Sequence[int], *, key: PRNGKeyArray) -> None:
        keys = jax.random.split(key, len(channels) - 1)
        pairs = zip(pairwise(channels), keys, strict=True)
        self.layers = tuple(Convolution(a, b, stride=2, key=k) for (a, b), k in pairs)
        self.norms = tuple(map(group_norm_layer, channels[1:]))

    def __call__(self, xs: Float[Array, "B H W inputs"]) -> Float[Array, "B h w outputs"]:
        """The smaller images."""
        for layer, norm in zip(self.layers, self.norms, strict=True):
            xs = jax.nn.silu(group_norm(norm, layer(xs)))
        return xs


def image_stem(
    in_shape: tuple[int, ...], width: int, downsample: int, *, key: PRNGKeyArray
) -> tuple[Callable[[Array], Array] | None, tuple[int, int, int]]:
    """The stem of an image model, and the shape [h, w, channels] that it makes of an image.

    Args:
        in_shape: height, width and channels of an image.
        width: channels of each convolution; 0 for those of the image.
        downsample: convolutions of stride 2; with 0 there is one of stride 1, or none without a
            `width`.
        key: random key of the initial weights.
    """
    height, breadth, inputs = in_shape
    channels = width or inputs
    if not downsample:
        same = Convolution(inputs, width, key=key) if width else None
        return same, (height, breadth, channels)
    stem = Downsampling([inputs, *[channels] * downsample], key=key)
    for _ in range(downsample):
        height, breadth = -(-height // 2), -(-breadth // 2)
    return stem, (height, breadth, channels)
