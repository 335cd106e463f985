"""Floating types: that of what is made now, and data brought to that of a model."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

_Tree = TypeVar("_Tree")


def default_float() -> np.dtype:
    """The floating type of what is made now: float64 where JAX has 64 bits, else float32."""
    return np.dtype(jnp.result_type(float))


def at_least_float32(*arrays: jax.Array | jax.ShapeDtypeStruct | DTypeLike) -> np.dtype:
    """The floating type that some arrays, or types, have in common; float32 where that is less.

    It is asked for by name, and so the same under JAX's strict promotion.
    """
    with jax.numpy_dtype_promotion("standard"):
        return np.dtype(jnp.result_type(jnp.float32, *arrays))


def cast_floats(tree: _Tree, dtype: np.dtype | str | None) -> _Tree:
    """The tree with every floating array, of JAX or of NumPy, in a type; all else as it is.

    None leaves the tree as it is.
    """
    if dtype is None:
        return tree

    def cast(leaf: Any) -> Any:
        return leaf.astype(dtype) if _is_floating(leaf) and leaf.dtype != dtype else leaf

    return jax.tree.map(cast, tree)


def needs_64_bits(types: Iterable[DTypeLike]) -> bool:
    """Whether any of some types of arrays is one that JAX has with 64 bits alone."""
    return any(np.dtype(each).kind in "fiuc" and _bits(each) == 64 for each in types)


def precision(x64: bool | None) -> AbstractContextManager[object]:
    """Within it JAX has 64 bits, or has not; None leaves that as it is."""
    return nullcontext() if x64 is None else jax.enable_x64(x64)


def constant(values: np.ndarray) -> np.ndarray:
    """Which features [features] of values [..., features] are the same in all examples.

    So is what differs by a few rounding errors of its type, as 0.3 and 0.1 + 0.2 do.
    """
    flat = values.reshape(-1, values.shape[-1])
    low, high = flat.min(axis=0).astype(np.float64), flat.max(axis=0).astype(np.float64)
    eps = np.finfo(values.dtype if values.dtype.kind == "f" else np.float64).eps
    with np.errstate(over="ignore"):
        return high - low <= 4 * eps * np.maximum(np.abs(low), np.abs(high))


def _is_floating(leaf: Any) -> bool:
    return eqx.is_inexact_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.floating)


def _bits(dtype: Any) -> int:
    """Of a number; a complex one has two."""
    dtype = np.dtype(dtype)
    return 8 * dtype.itemsize // (2 if dtype.kind == "c" else 1)
