"""What a pytree is made of: its arrays by path, and everything else in words."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ..errors import CheckpointError
from ..types import AnyArray


def path_name(path: tuple[object, ...]) -> str:
    """A path in a pytree as text, such as `dynamics.net.layers[0].weight`."""
    return jax.tree_util.keystr(path).lstrip(".")


def arrays_of(tree: PyTree) -> dict[str, AnyArray | jax.ShapeDtypeStruct]:
    """The arrays of a pytree (or what stands for their shapes) by path.

    Raises `CheckpointError` for a random key.
    """
    arrays = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree, is_leaf=_is_shape):
        if not (eqx.is_array(leaf) or isinstance(leaf, np.generic) or _is_shape(leaf)):
            continue
        name = path_name(path)
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            raise CheckpointError(
                f"{name} is a random key, which a weight file does not hold: keep keys out of the "
                "model, or store jax.random.key_data(key)."
            )
        arrays[name] = leaf
    return arrays


def describe(tree: PyTree) -> dict[str, str]:
    """All that a pytree is beside its arrays, by path: classes, functions by name, numbers.

    Two trees of equal shapes that differ in an activation or a tolerance differ here. A field of
    metadata `{"described": False}` is left out: it follows from the configuration, and files that
    are older than the field load.
    """
    return dict(_walk(tree, ""))


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    name = path.lstrip(".")
    if eqx.is_array(value) or _is_shape(value) or isinstance(value, np.generic):
        return
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        yield name, repr(value)
    elif isinstance(value, dict):
        for key in value:
            yield from _walk(value[key], f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _walk(each, f"{path}[{at}]")
    elif is_dataclass(value) and not inspect.isclass(value):
        yield f"{name}:", type(value).__qualname__
        for field in fields(value):
            if field.metadata.get("described") is False:
                continue
            yield from _walk(getattr(value, field.name, None), f"{path}.{field.name}")
    else:
        named = inspect.unwrap(value) if callable(value) else value
        yield name, getattr(named, "__qualname__", type(named).__qualname__)


def _is_shape(leaf: Any) -> bool:
    return isinstance(leaf, jax.ShapeDtypeStruct)
