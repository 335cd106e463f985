"""Dynamics that are a transformer: of the patches of an image, or of a set of tokens."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.attention import TransformerBlock
from ..nn.dense import (
    Activation,
    Affine,
    InitScale,
    activation_by_name,
    scale_parameters,
    with_time,
)
from ..nn.norm import layer_norm
from ..nn.patches import from_patches, patch_count, to_patches
from ..registry import register_dynamics
from ..schema import Depth, Size
from .base import AbstractBatchDynamics, Time
from .by_name import check_state_shape

_FORMS = {2: "[tokens, features]", 3: "[height, width, channels]"}


class TransformerDynamics(AbstractBatchDynamics):
    """dy/dt = a transformer of an image [H, W, C], or of a set of tokens [T, C].

    An image is cut into squares of `patch` pixels, each a token with a learned position; one that
    they do not divide is filled with zeros. A set has no positions: what is done to a token does
    not depend on its place among the others. Each token sees the time as one more feature.

    Vaswani et al. 2017, "Attention Is All You Need"; Dosovitskiy et al. 2021, "An Image is Worth
    16x16 Words".
    """

    enter: Affine
    positions: Float[Array, "T width"] | None
    blocks: tuple[TransformerBlock, ...]
    norm: eqx.nn.LayerNorm
    leave: Affine
    patch: int = eqx.field(static=True)

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        width: int = 32,
        depth: int = 1,
        heads: int = 2,
        patch: int = 2,
        activation: Callable[[Array], Array] = jax.nn.gelu,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        enter, position, leave, *blocks = jax.random.split(key, depth + 3)
        of_image = len(shape) == 3
        features = shape[-1] * (patch**2 if of_image else 1)
        count = patch_count(shape[0], shape[1], patch)
        self.enter = Affine(features + 1, width, key=enter)
        drawn = 0.02 * jax.random.normal(position, (count, width))
        self.positions = drawn if of_image else None
        self.blocks = tuple(
            TransformerBlock(width, heads=heads, activation=activation, key=k) for k in blocks
        )
        self.norm = eqx.nn.LayerNorm(width)
        self.leave = scale_parameters(Affine(width, features, key=leave), init_scale)
        self.patch = patch

    def batch(self, t: Time, ys: Float[Array, "B ..."], args: Any) -> Float[Array, "B ..."]:
        """The derivatives of a batch of images or sets; `args` is not used."""
        if self.positions is None:
            return self._of_tokens(t, ys)
        height, width, channels = ys.shape[1:]
        tokens = self._of_tokens(t, to_patches(ys, self.patch))
        return from_patches(tokens, (height, width, channels), self.patch)

    def attention(
        self, t: Time, ys: Float[Array, "B ..."]
    ) -> Float[Array, "B blocks heads tokens tokens"]:
        """How much each token takes of each one (last axis) in each block, for a batch of states.

        The numbers of the last axis add up to 1. The tokens of an image are its squares, row by
        row.
        """
        tokens = ys if self.positions is None else to_patches(ys, self.patch)
        x, seen = self._entered(t, tokens), []
        for block in self.blocks:
            seen.append(block.attention(x))
            x = block(x)
        return jnp.stack(seen, axis=1)

    def _entered(self, t: Time, tokens: Array) -> Array:
        x = self.enter(with_time(t, tokens))
        return x if self.positions is None else x + self.positions

    def _of_tokens(self, t: Time, tokens: Array) -> Array:
        x = self._entered(t, tokens)
        for block in self.blocks:
            x = block(x)
        return self.leave(layer_norm(self.norm, x))


@register_dynamics("transformer")
def transformer_dynamics(
    shape: tuple[int, ...],
    *,
    width: Size = 32,
    depth: Depth = 1,
    heads: Size = 2,
    patch: Size = 2,
    activation: Activation = "gelu",
    init_scale: InitScale = 1.0,
    key: PRNGKeyArray,
) -> TransformerDynamics:
    """A transformer of the patches of an image, or of a set of tokens, and of time.

    Args:
        shape: height, width and channels of an image, or tokens and features of a set
        width: features of a token within
        depth: number of blocks of attention and a dense net
        heads: heads of the attention, which divide the width
        patch: pixels of a side of the squares that an image is cut into
        activation: within the dense net of a block
        init_scale: factor on the last layer's initial weights and biases
        key: random key of the initial weights
    """
    check_state_shape("transformer", shape, _FORMS)
    return TransformerDynamics(
        tuple(shape),
        width=width,
        depth=depth,
        heads=heads,
        patch=patch,
        activation=activation_by_name(activation),
        init_scale=init_scale,
        key=key,
    )
