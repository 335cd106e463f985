"""A residual layer as the dynamics of an ODE: dy/dt = layer(y), or layer(t, y)."""

import inspect
from collections.abc import Callable, Iterator

import equinox as eqx
import jax
from jaxtyping import Array, Float, PyTree

from ..dynamics import AbstractDynamics, Dynamics, Time
from ..dynamics.base import describe
from ..errors import ConfigError
from ..nn import Frozen

Layer = Callable[..., Array]
"""A residual layer, on one example: x to the change of x, of x's shape."""


class LayerDynamics(AbstractDynamics):
    """dy/dt = layer(y), or layer(t, y) of a layer that takes the time.

    One step of Euler's method of length 1 is the residual block y + layer(y).
    """

    layer: Layer
    time: bool = eqx.field(static=True)

    def __call__(self, t: Time, y: Float[Array, "..."], args: PyTree[Array]) -> Float[Array, "..."]:
        """What the layer returns. Raises `ConfigError` for args, which it does not take."""
        if args is not None:
            raise ConfigError(
                f"The layer {type(self.layer).__name__} of an ODE block was given args = "
                f"{describe(args)} and takes ({'t, x' if self.time else 'x'}): give it the "
                "parameters (t, x, args), or leave them out."
            )
        return self.layer(t, y) if self.time else self.layer(y)


def dynamics_of(layer: Layer) -> Dynamics:
    """The dynamics that a layer is, by the parameters that it has to be given.

    `(x)` is a layer that does not see the time, `(t, x)` one that does, and `(t, x, args)` is a
    vector field and stays as it is. The time is told by its name, `t`; optional parameters, such
    as the `key` of Equinox' layers, do not count.

    Raises `ConfigError` for other parameters, and for a layer that draws or keeps a state.
    """
    _check_layers(layer)
    try:
        callee = layer.module if isinstance(layer, Frozen) else layer
        parameters = inspect.signature(callee).parameters.values()
    except ValueError:  # a builtin has no signature to look at
        return LayerDynamics(layer, time=False)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in _ANY_NUMBER]
    names = [p.name for p in needed]
    if not any(p.kind is p.KEYWORD_ONLY for p in needed):
        if len(names) == 1 and names != ["t"]:
            return LayerDynamics(layer, time=False)
        if len(names) == 2 and names[0] == "t":
            return LayerDynamics(layer, time=True)
        if len(names) == 3 and names[0] == "t":
            return layer
    raise ConfigError(
        f"The layer {_name(layer)} of an ODE block has to be given ({', '.join(names)}): expected "
        "(x), or (t, x) where it depends on the time, or (t, x, args), the time named t. Way out: "
        "bind what is left, or give it a default."
    )


_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def check_shape(dynamics: Dynamics, x: Array, args: PyTree[Array]) -> None:
    """Raise `ConfigError` where a layer does not keep the shape of its input, traced once."""
    if not isinstance(dynamics, LayerDynamics):
        return  # `solve` looks at a vector field itself
    change = eqx.filter_eval_shape(dynamics, 0.0, x, args)
    if getattr(change, "shape", None) != x.shape:
        raise ConfigError(
            f"The layer {_name(dynamics.layer)} of an ODE block maps {describe(x)} to "
            f"{describe(change)}: expected one shape, since its output is how its input changes. "
            "Way out: change the size in a layer before the block or after it."
        )


def _check_layers(layer: Layer) -> None:
    for name, why, instead in _unfit(layer):
        raise ConfigError(
            f"{name} within an ODE block {why}, and the solver evaluates the layer at times of its "
            f"own choosing, in any order, and throws attempts away. Way out: {instead}."
        )


def _unfit(layer: Layer) -> Iterator[tuple[str, str, str]]:
    """Of each layer within that draws or keeps a state: its name, what it needs, and a way out."""
    kinds = (eqx.nn.Dropout, eqx.nn.StateIndex, eqx.nn.BatchNorm, eqx.nn.SpectralNorm)
    for node in jax.tree.leaves(layer, is_leaf=lambda node: isinstance(node, kinds)):
        if isinstance(node, eqx.nn.Dropout):
            if not node.inference and node.p != 0:
                yield (
                    "Dropout",
                    "draws a mask at each evaluation",
                    "draw one mask a solve, outside of the block, and pass it on, block(x, "
                    "args=mask), to a layer (t, x, args); or put Dropout before or after the block",
                )
        elif isinstance(node, kinds):
            yield (
                type(node).__name__,
                "keeps a state from one evaluation to the next",
                "use eqx.nn.GroupNorm or eqx.nn.LayerNorm, which keep none",
            )


def _name(layer: Layer) -> str:
    return str(getattr(layer, "__name__", type(layer).__name__))
