"""Nets of one output, energies and potentials, and their gradients for a whole batch at once."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray

from ..nn.dense import FeedForward

SmoothActivation: TypeAlias = Literal["tanh", "softplus", "silu", "gelu", "sigmoid", "sin"]
"""Activations with a second derivative: of a net of relu it is 0, and no force could be learned."""


class ScalarNet(eqx.Module):
    """A dense net with one output: [B, size] to [B]."""

    net: FeedForward

    def __init__(
        self,
        size: int,
        *,
        width: int,
        depth: int,
        activation: Callable[[Array], Array],
        init_scale: float,
        key: PRNGKeyArray,
    ) -> None:
        self.net = FeedForward(
            size,
            1,
            width=width,
            depth=depth,
            activation=activation,
            init_scale=init_scale,
            key=key,
        )

    def __call__(self, xs: Float[Array, "B D"]) -> Float[Array, " B"]:
        """The scalar of each example."""
        return self.net(xs)[:, 0]


def batch_gradient(
    scalar: Callable[[Float[Array, "B D"]], Float[Array, " B"]], xs: Float[Array, "B D"]
) -> Float[Array, "B D"]:
    """The gradient of each example's scalar: that of the sum, since no example sees another.

    One backward pass of matrices serves the batch, where `jax.vmap(jax.grad(...))` would transpose
    a product for each example.
    """

    def total(xs: Float[Array, "B D"]) -> Float[Array, ""]:
        return scalar(xs).sum()

    return jax.grad(total)(xs)
