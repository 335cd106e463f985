"""The types of a file's numbers, which a model takes from it, and those that JAX has now."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..errors import CheckpointError
from ..precision import needs_64_bits
from ..types import Tree
from .leaves import path_name


def has_64_bits(header: Mapping[str, Any]) -> bool:
    """Whether a file, by its header, holds numbers of a type that JAX has with 64 bits alone."""
    return needs_64_bits(dtype for dtype, _ in header["leaves"].values())


def check_bits(path: object, header: Mapping[str, Any]) -> None:
    """Refuse what JAX would cut to 32 bits without a word."""
    if has_64_bits(header) and not jax.config.read("jax_enable_x64"):
        raise CheckpointError(
            f"{path} needs 64 bits, and JAX has 32 now. Load and use the model within "
            "`with jax.enable_x64(True):`, or set JAX_ENABLE_X64=1."
        )


def of_types(shapes: Tree, arrays: Mapping[str, np.ndarray]) -> Tree:
    """A template in whose place of floats and integers are those of the file's types."""

    def retype(tree_path: Any, leaf: Any) -> Any:
        array = arrays.get(path_name(tree_path))
        if array is None or not isinstance(leaf, jax.ShapeDtypeStruct):
            return leaf
        same = any(
            jnp.issubdtype(array.dtype, kind) and jnp.issubdtype(leaf.dtype, kind)
            for kind in (jnp.floating, jnp.complexfloating, jnp.signedinteger, jnp.unsignedinteger)
        )
        return jax.ShapeDtypeStruct(leaf.shape, array.dtype) if same else leaf

    return jax.tree_util.tree_map_with_path(retype, shapes)
