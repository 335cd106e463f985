"""A function of a batch, computed by several devices, each with its share of the examples."""

from collections.abc import Callable
from typing import Any, TypeVar

import equinox as eqx
import jax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P
from jaxtyping import PyTree

from .chosen import AXIS
from .places import divided, mesh_of, replicated

_Outputs = TypeVar("_Outputs")


def spread(call: Callable[..., _Outputs], examples: tuple[int, ...], *arguments: Any) -> _Outputs:
    """`call(*arguments)` on the devices over which the first argument, a model, is replicated.

    Nothing is told between them: each solves its own share of the arguments at the places
    `examples`, whose first axis they divide, to its own end. Outputs [B, ...] come in the order of
    the batch. Of one that is a single number, such as `Stats.calls`, there is one for each device,
    [devices]. On one device it is the call alone. Read outputs by `on_host`.
    """
    mesh = mesh_of(arguments[0])
    if mesh is None:
        return call(*arguments)
    placed = [
        divided(each, mesh) if place in examples else replicated(each, mesh)
        for place, each in enumerate(arguments)
    ]
    outputs: _Outputs = _spread(call, mesh, examples, placed)
    return outputs


def whole_shares(size: int, model: PyTree) -> int:
    """The smallest batch of `size` or more that the devices of a model divide."""
    mesh = mesh_of(model)
    return size if mesh is None else -(-size // mesh.size) * mesh.size


def share(
    part: Callable[..., PyTree], mesh: Mesh | None, specs: tuple[P, ...]
) -> Callable[..., PyTree]:
    """`part`, called by each device with its own shares of arrays, as `specs` divide them.

    What it returns must be the same on all. It is the function itself where the mesh is None.
    """
    if mesh is None:
        return part
    # Unchecked, the loop of a solver ends on each device when its own examples do.
    return jax.shard_map(part, mesh=mesh, in_specs=specs, out_specs=P(), check_vma=False)


@eqx.filter_jit
def _spread(
    call: Callable[..., PyTree], mesh: Mesh, examples: tuple[int, ...], arguments: list[PyTree]
) -> PyTree:
    arrays, static = eqx.partition(arguments, eqx.is_array)

    def part(*arrays: PyTree) -> PyTree:
        outputs = call(*eqx.combine(list(arrays), static))
        return jax.tree.map(lambda x: x if x.ndim else x[None], outputs)

    specs = tuple(P(AXIS) if place in examples else P() for place in range(len(arguments)))
    divided_call = jax.shard_map(
        part, mesh=mesh, in_specs=specs, out_specs=P(AXIS), check_vma=False
    )
    return divided_call(*arrays)
