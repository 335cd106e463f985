"""The block of a transformer, batch-native: self-attention between tokens, then a dense net."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import ConfigError
from .dense import FeedForward, linear
from .norm import layer_norm


class TransformerBlock(eqx.Module):
    """x ← x + attention(norm(x)), then x ← x + net(norm(x)), of tokens [B, T, width].

    Vaswani et al. 2017, "Attention Is All You Need", with the norms before the layers as in Xiong
    et al. 2020. Every token sees every other one; without positions in the tokens their order says
    nothing.

    Raises `ConfigError` for a width that the heads do not divide.
    """

    first_norm: eqx.nn.LayerNorm
    second_norm: eqx.nn.LayerNorm
    joined: eqx.nn.Linear
    """From a token to its query, key and value, one after the other."""
    mixed: eqx.nn.Linear
    net: FeedForward
    heads: int = eqx.field(static=True)

    def __init__(
        self,
        width: int,
        *,
        heads: int = 2,
        activation: Callable[[Array], Array] = jax.nn.gelu,
        key: PRNGKeyArray,
    ) -> None:
        if width % heads:
            raise ConfigError(
                f"heads = {heads} do not divide width = {width}: each head takes an equal part of "
                "a token. Choose a width that is a multiple of the heads."
            )
        keys = jax.random.split(key, 3)
        self.first_norm, self.second_norm = eqx.nn.LayerNorm(width), eqx.nn.LayerNorm(width)
        self.joined = eqx.nn.Linear(width, 3 * width, key=keys[0])
        self.mixed = eqx.nn.Linear(width, width, key=keys[1])
        self.net = FeedForward(
            width, width, width=2 * width, depth=1, activation=activation, key=keys[2]
        )
        self.heads = heads

    def __call__(self, x: Float[Array, "B T width"]) -> Float[Array, "B T width"]:
        """The tokens after attention and net."""
        x = x + self._attention(layer_norm(self.first_norm, x))
        return x + self.net(layer_norm(self.second_norm, x))

    def attention(self, x: Float[Array, "B T width"]) -> Float[Array, "B heads T T"]:
        """How much each token (second to last axis) takes of each one (last): they add up to 1."""
        return self._likeness(*self._parts(layer_norm(self.first_norm, x))[:2])

    def _attention(self, x: Array) -> Array:
        query, key, value = self._parts(x)
        seen = jnp.einsum("bhqk,bkhd->bqhd", self._likeness(query, key), value)
        return linear(self.mixed, seen.reshape(x.shape))

    def _parts(self, x: Array) -> list[Array]:
        """Query, key and value of each token and head, [B, T, heads, width / heads]."""
        parts = jnp.split(linear(self.joined, x), 3, axis=-1)
        return [part.reshape(*x.shape[:2], self.heads, -1) for part in parts]

    def _likeness(self, query: Array, key: Array) -> Array:
        likeness = jnp.einsum("bqhd,bkhd->bhqk", query, key) * query.shape[-1] ** -0.5
        return jax.nn.softmax(likeness, axis=-1)
