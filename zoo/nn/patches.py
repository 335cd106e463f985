"""Images as tokens: squares of pixels, and back."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def patch_count(height: int, width: int, patch: int) -> int:
    """How many squares of `patch` pixels cover an image, those at its edge only in part."""
    return -(-height // patch) * -(-width // patch)


def to_patches(x: Float[Array, "B H W C"], patch: int) -> Float[Array, "B T features"]:
    """The squares of an image, row by row, each as a vector of patch · patch · C numbers.

    An image that they do not divide gets zeros at its lower and right edge.
    """
    batch, height, width, channels = x.shape
    x = jnp.pad(x, ((0, 0), (0, -height % patch), (0, -width % patch), (0, 0)))
    rows, columns = x.shape[1] // patch, x.shape[2] // patch
    cut = x.reshape(batch, rows, patch, columns, patch, channels).swapaxes(2, 3)
    return cut.reshape(batch, rows * columns, patch * patch * channels)


def from_patches(
    tokens: Float[Array, "B T features"], shape: tuple[int, int, int], patch: int
) -> Float[Array, "B H W C"]:
    """The images of `shape` [H, W, C] whose squares are `tokens`: the inverse of `to_patches`."""
    height, width, channels = shape
    rows, columns = -(-height // patch), -(-width // patch)
    cut = tokens.reshape(len(tokens), rows, columns, patch, patch, channels).swapaxes(2, 3)
    whole = cut.reshape(len(tokens), rows * patch, columns * patch, channels)
    return whole[:, :height, :width]
