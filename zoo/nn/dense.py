"""Dense layers whose arithmetic is batch-native, activations by name, and initialisation."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from ..errors import DataError
from ..schema import Range
from ..types import Tree

Activation: TypeAlias = Literal[
    "tanh", "relu", "silu", "gelu", "elu", "selu", "softplus", "sigmoid", "sin"
]
InitScale: TypeAlias = Annotated[float, Range(0)]


def activation_by_name(name: Activation) -> Callable[[Array], Array]:
    """The function of a name in `Activation`: `jnp.sin`, or that of `jax.nn`."""
    return jnp.sin if name == "sin" else getattr(jax.nn, name)


def linear(layer: eqx.nn.Linear, x: Float[Array, "*axes inputs"]) -> Float[Array, "*axes outputs"]:
    """An `eqx.nn.Linear` on any leading axes, as `x @ W.T + b`.

    `jax.vmap` of the layer itself orders its operands so that they take up to twice as long on CPU.

    Raises `DataError` for another number of inputs.
    """
    if x.shape[-1:] != (layer.in_features,):
        raise DataError(
            f"A layer of {layer.in_features} inputs got shape {x.shape}: the data have other "
            "channels than the model was made for, or no batch axis (one example is model(x), a "
            "batch is model.forward(x[None]))."
        )
    y = x @ layer.weight.T
    return y if layer.bias is None else y + layer.bias


class FeedForward(eqx.Module):
    """A dense net: `depth` hidden layers of `width` units, each with an activation, and a last one.

    Takes any leading axes: [..., in_size] to [..., out_size]. The last layer's weights and biases
    are multiplied by `init_scale`, so that a small one makes a residual block or a vector field
    start near zero. Initialised as `eqx.nn.Linear` is: uniform within ±1/sqrt(inputs).
    """

    layers: tuple[eqx.nn.Linear, ...]
    activation: Callable[[Array], Array] = eqx.field(static=True)

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        width: int,
        depth: int,
        activation: Callable[[Array], Array] = jax.nn.tanh,
        init_scale: float = 1.0,
        key: PRNGKeyArray,
    ) -> None:
        sizes = [in_size, *[width] * depth, out_size]
        keys = jax.random.split(key, depth + 1)
        pairs = zip(sizes[:-1], sizes[1:], keys, strict=True)
        *hidden, last = [eqx.nn.Linear(i, o, key=k) for i, o, k in pairs]
        self.layers = (*hidden, scale_parameters(last, init_scale))
        self.activation = activation

    def __call__(self, x: Float[Array, "*axes inputs"]) -> Float[Array, "*axes outputs"]:
        """The net's output; leading axes are kept."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(linear(layer, x))
        return linear(last, x)


class Affine(eqx.Module):
    """One linear layer on any leading axes: the lifts and heads of the models."""

    layer: eqx.nn.Linear

    def __init__(self, in_size: int, out_size: int, *, key: PRNGKeyArray) -> None:
        self.layer = eqx.nn.Linear(in_size, out_size, key=key)

    def __call__(self, x: Float[Array, "*axes inputs"]) -> Float[Array, "*axes outputs"]:
        """W x + b."""
        return linear(self.layer, x)


def scale_parameters(module: Tree, scale: float) -> Tree:
    """The module with every floating array multiplied by `scale`."""
    return jax.tree.map(lambda x: x * scale if eqx.is_inexact_array(x) else x, module)


def with_time(t: float | Array, ys: Float[Array, "B *axes D"]) -> Float[Array, "B *axes D+1"]:
    """[y, t]: the time, of shape [] or [B], as the last feature of each example, of each pixel."""
    t = jnp.asarray(t, ys.dtype)
    column = jnp.broadcast_to(t.reshape(*t.shape, *[1] * (ys.ndim - 2)), ys.shape[:-1])
    return jnp.concatenate([ys, column[..., None]], axis=-1)


def draw_standard_normal(model: Tree, seed: int) -> Tree:
    """The model with every floating array drawn anew from N(0, 1) by `numpy.random.RandomState`.

    In the order of the layers, weight before bias, each weight as an (inputs, outputs) matrix: the
    draws of the small nets in Autograd's and JAX's neural ODE examples, number for number.
    """
    rng = np.random.RandomState(seed)

    def draw(x: Array) -> Array:
        return jnp.asarray(rng.standard_normal(x.shape[::-1]).T, x.dtype)

    return jax.tree.map(lambda x: draw(x) if eqx.is_inexact_array(x) else x, model)
