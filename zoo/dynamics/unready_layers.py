"""Layers that need a key or state at each call, which a vector field has not: refused by name."""

import equinox as eqx
import jax
from jaxtyping import PyTree

from ..errors import DynamicsError

_WAYS_OUT = {
    eqx.nn.Dropout: (
        "a key at every call, and a solver evaluates a field at times of its own choosing, which "
        "all need the same mask. Draw one mask a solve and give it in args, or its key "
        "(self.dropout(y, key=args)); or eqx.nn.inference_mode(dynamics)"
    ),
    eqx.nn.StatefulLayer: (
        "state, which would depend on the order in which a solver evaluates, attempts that it "
        "throws away included. Use eqx.nn.GroupNorm or eqx.nn.LayerNorm"
    ),
}


def refuse_unready_layer(name: str, dynamics: PyTree, error: Exception) -> None:
    """Raise `DynamicsError` where `error` is of a layer of `dynamics` that lacks a key or state.

    Equinox's own errors begin with the name of the layer. Any other error is left to the caller.
    `name` is what to call the dynamics.
    """
    for layer in _layers(dynamics):
        if str(error).startswith(type(layer).__name__):
            needs = next(text for kind, text in _WAYS_OUT.items() if isinstance(layer, kind))
            raise DynamicsError(
                f"{name} holds the layer {type(layer).__name__}, which needs {needs}."
            ) from error


def _layers(tree: PyTree) -> list[eqx.Module]:
    """The layers of such kinds in a tree, those within others too, as in `eqx.nn.Sequential`."""
    found: list[eqx.Module] = []

    def note(node: object) -> bool:
        if isinstance(node, eqx.Module) and isinstance(node, tuple(_WAYS_OUT)):
            found.append(node)
        return False

    jax.tree.leaves(tree, is_leaf=note)
    return found
