"""The shares of a batch that the devices of this process take, one of several or the only one."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array

from .chosen import AXIS


def own_places(size: int, mesh: Mesh | None) -> np.ndarray:
    """The places of a batch of `size`, which the devices divide, that this process's take."""
    if mesh is None:
        return np.arange(size)
    own = [number for number, _ in _own(mesh)]
    return np.arange(size).reshape(mesh.size, -1)[own].ravel()


def by_device(blocks: np.ndarray, mesh: Mesh | None) -> Array:
    """Blocks [own devices, n, ...] as an array [devices x n, ...] of which each device has its own.

    Every process brings those of its devices, in the order of `own_places`, and no other rows of
    it are anywhere in its memory. Without a mesh it is the one block.
    """
    if mesh is None:
        return jnp.asarray(blocks[0])
    sharding = NamedSharding(mesh, P(AXIS))
    shape = (mesh.size * blocks.shape[1], *blocks.shape[2:])
    dtype = jax.dtypes.canonicalize_dtype(blocks.dtype)
    placed = [
        jax.device_put(block.astype(dtype, copy=False), device)
        for block, (_, device) in zip(blocks, _own(mesh), strict=True)
    ]
    return jax.make_array_from_single_device_arrays(shape, sharding, placed)


def _own(mesh: Mesh) -> list[tuple[int, jax.Device]]:
    here = jax.process_index()
    numbered = enumerate(mesh.devices.flat)
    return [(number, device) for number, device in numbered if device.process_index == here]
