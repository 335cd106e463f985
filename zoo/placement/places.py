"""Arrays brought to several devices, whole or in shares, and back to one."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import PyTree

from ..types import Tree
from .chosen import AXIS


def replicated(tree: Tree, mesh: Mesh | None) -> Tree:
    """The tree with every array whole on each device of a mesh; all else as it is.

    Without a mesh it is the tree itself.
    """
    return tree if mesh is None else _placed(tree, NamedSharding(mesh, P()))


def divided(tree: PyTree, mesh: Mesh, axis: int = 0) -> PyTree:
    """The tree with every array in shares over the devices, by its `axis`, which they divide."""
    return _placed(tree, NamedSharding(mesh, P(*[None] * axis, AXIS)))


def mesh_of(tree: PyTree) -> Mesh | None:
    """The mesh over whose devices the arrays of a tree were replicated; None where they are on one,
    and within a trace, where nobody knows."""
    for leaf in jax.tree.leaves(tree):
        if isinstance(leaf, jax.Array) and not isinstance(leaf, jax.core.Tracer):
            sharding = leaf.sharding
            if isinstance(sharding, NamedSharding) and sharding.mesh.axis_names == (AXIS,):
                assert isinstance(sharding.mesh, Mesh), "an array has a mesh of devices"
                return sharding.mesh
    return None


def on_one_device(tree: Tree) -> Tree:
    """The tree with what was replicated on the device that JAX computes on, free to be moved."""
    if mesh_of(tree) is None:
        return tree

    def home(leaf: object) -> object:
        if not isinstance(leaf, jax.Array):
            return leaf
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            words = jnp.asarray(np.asarray(jax.random.key_data(leaf)))
            return jax.random.wrap_key_data(words, impl=jax.random.key_impl(leaf))
        return jnp.asarray(np.asarray(leaf))

    return jax.tree.map(home, tree)


def _placed(tree: Tree, sharding: NamedSharding) -> Tree:
    def place(leaf: object) -> object:
        if not isinstance(leaf, jax.Array | np.ndarray):
            return leaf
        if isinstance(leaf, jax.Array) and leaf.sharding.is_equivalent_to(sharding, leaf.ndim):
            return leaf
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            words = _array(np.asarray(jax.random.key_data(leaf)), sharding)
            return jax.random.wrap_key_data(words, impl=jax.random.key_impl(leaf))
        return _array(leaf, sharding)

    return jax.tree.map(place, tree)


def _array(values: jax.Array | np.ndarray, sharding: NamedSharding) -> jax.Array:
    if sharding.is_fully_addressable:
        return jax.device_put(values, sharding)
    # Of several processes each has all of the values, and brings its own shares to its devices.
    host = np.asarray(values, jax.dtypes.canonicalize_dtype(values.dtype))
    return jax.make_array_from_callback(host.shape, sharding, lambda part: host[part])
