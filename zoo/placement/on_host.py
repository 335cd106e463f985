"""What devices have computed, brought to the host; of several processes to all of them."""

from collections.abc import Sequence

import equinox as eqx
import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from jaxtyping import Array

from ..types import Tree
from .own_shares import by_device
from .places import mesh_of
from .processes import is_several


def on_host(batches: Sequence[Tree]) -> list[Tree]:
    """The outputs of `spread` for some batches of one size, as arrays of NumPy.

    Of several processes each has its own shares alone: they exchange those of all batches at once,
    since every exchange has its price, however little it brings.
    """
    mesh = mesh_of(batches) if is_several() else None
    if mesh is None:
        return [jax.tree.map(np.asarray, batch) for batch in batches]
    columns = zip(*map(jax.tree.leaves, batches), strict=True)
    shares = [by_device(_own_shares(column), mesh) for column in columns]
    whole = [np.asarray(each) for each in _on_all(shares, mesh)]
    by_batch = [each.reshape(mesh.size, len(batches), -1, *each.shape[1:]) for each in whole]
    structure = jax.tree.structure(batches[0])
    return [
        jax.tree.unflatten(structure, [_joined(each[:, place]) for each in by_batch])
        for place in range(len(batches))
    ]


def _own_shares(column: Sequence[Array]) -> np.ndarray:
    """One output of all batches: [own devices, batches x n, ...]."""

    def of_batch(output: Array) -> np.ndarray:
        shards = sorted(output.addressable_shards, key=lambda shard: shard.index[0].start or 0)
        return np.stack([np.asarray(shard.data) for shard in shards])

    return np.concatenate([of_batch(each) for each in column], axis=1)


def _joined(shares: np.ndarray) -> np.ndarray:
    """Shares [devices, n, ...] in the order of the batch."""
    return shares.reshape(-1, *shares.shape[2:])


@eqx.filter_jit
def _on_all(shares: list[Array], mesh: Mesh) -> list[Array]:
    """The same arrays, whole on every device."""
    return jax.lax.with_sharding_constraint(shares, NamedSharding(mesh, P()))
