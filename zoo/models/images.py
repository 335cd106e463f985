"""What the models of images share: their inputs, the first layer of each, and the last."""

import math

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from ..errors import ConfigError, DataError
from ..nn.conv import conv, conv_layer
from ..nn.dense import Affine
from ..nn.patches import patch_count, to_patches
from ..types import AnyArray
from .base import AbstractModel, check_inputs


def check_images(
    xs: Shaped[AnyArray, "B ..."], in_shape: tuple[int, ...], model: AbstractModel
) -> Float[Array, "B H W C"]:
    """`xs` as images [B, *in_shape] in the model's own floating type.

    Raises `DataError` for another shape, and what `check_inputs` does.
    """
    xs = jnp.asarray(xs)
    if xs.shape[1:] != tuple(in_shape):
        expected = ", ".join(map(str, ("B", *in_shape)))
        hint = " One example is model(x); a batch of one is x[None]." if xs.ndim == 3 else ""
        raise DataError(
            f"{type(model).__name__} got inputs of shape {xs.shape}: expected ({expected}), images "
            f"[height, width, channels] as it was made for.{hint}"
        )
    return check_inputs(xs, None, model)


def check_in_shape(name: str, in_shape: tuple[int, ...]) -> None:
    """Raise `ConfigError` for a shape that is not (height, width, channels).

    `name` is what to call the model.
    """
    if len(in_shape) != 3 or min(in_shape) < 1:
        raise ConfigError(
            f"{name} takes images, and in_shape is {tuple(in_shape)}: expected "
            "(height, width, channels). Grey images have one channel; a series or a table is for "
            "other models."
        )


class Convolution(eqx.Module):
    """A 3×3 convolution of a batch of images that keeps their size, divided by `stride`."""

    layer: eqx.nn.Conv2d

    def __init__(
        self, in_channels: int, out_channels: int, *, stride: int = 1, key: PRNGKeyArray
    ) -> None:
        self.layer = conv_layer(in_channels, out_channels, stride=stride, key=key)

    def __call__(self, xs: Float[Array, "B H W inputs"]) -> Float[Array, "B h w outputs"]:
        """The convolved images."""
        return conv(self.layer, xs)


class PatchEmbedding(eqx.Module):
    """Images as tokens [B, T, width]: a linear layer on each square, and a learned position.

    Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words". An image that squares of `patch`
    pixels do not divide is filled with zeros.
    """

    layer: Affine
    positions: Float[Array, "T width"]
    patch: int = eqx.field(static=True)

    def __init__(
        self, in_shape: tuple[int, ...], width: int, *, patch: int, key: PRNGKeyArray
    ) -> None:
        height, breadth, channels = in_shape
        self.layer = Affine(channels * patch**2, width, key=key)
        self.positions = jnp.zeros((patch_count(height, breadth, patch), width))
        self.patch = patch

    def __call__(self, xs: Float[Array, "B H W C"]) -> Float[Array, "B T width"]:
        """The tokens of a batch of images."""
        return self.layer(to_patches(xs, self.patch)) + self.positions


class Head(eqx.Module):
    """A linear layer on the mean of each channel, or on all numbers of a state.

    Args:
        shape: of a state, without the batch axis, the channels last.
        out_size: length of an output.
        pool: whether the channels' means are read; else every number is.
    """

    layer: Affine
    pool: bool = eqx.field(static=True)

    def __init__(
        self, shape: tuple[int, ...], out_size: int, *, pool: bool, key: PRNGKeyArray
    ) -> None:
        self.layer = Affine(shape[-1] if pool else math.prod(shape), out_size, key=key)
        self.pool = pool

    def __call__(self, ys: Float[Array, "B ... C"]) -> Float[Array, "B outputs"]:
        """The outputs of a batch of states."""
        space = tuple(range(1, ys.ndim - 1))
        flat = (len(ys), math.prod(ys.shape[1:]))
        return self.layer(ys.mean(axis=space) if self.pool else ys.reshape(flat))
