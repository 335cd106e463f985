"""Dynamics as a traced function, whose arrays, also those it closes over, are its leaves.

As `equinox.filter_closure_convert`, which does not serve where each device has a part of the batch
of its own (`jax.shard_map`, `jax.pmap`): there an array's type also says how it is spread over
devices, and in that what a function is called with differs from the example.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, PyTree, PyTreeDef

from ..types import AnyArray, Args, State


class Converted(eqx.Module):
    """A function of pytrees with the shapes and types that it was traced with."""

    jaxpr: jax.extend.core.Jaxpr
    consts: list[AnyArray]
    """The arrays that the function holds or closes over."""
    taken: tuple[PyTreeDef, tuple[object, ...]] = eqx.field(static=True)
    """The structure of its arguments, and their shapes and types."""
    returned: PyTreeDef = eqx.field(static=True)
    """The structure of what it returns."""

    def __call__(self, *args: PyTree) -> State:
        """What the function returns for arguments like those of the example."""
        arrays, structure = _flat(args)
        assert (structure, _types(arrays)) == self.taken, (_types(arrays), self.taken)
        return jax.tree.unflatten(
            self.returned, jax.core.eval_jaxpr(self.jaxpr, self.consts, *arrays)
        )


def convert(function: Callable[..., State], *args: PyTree) -> Converted:
    """The function, traced once on `args`."""
    arrays, structure = _flat(args)
    rest = eqx.filter(args, eqx.is_array, inverse=True)

    def flat(*arrays: Array) -> PyTree:
        return function(*eqx.combine(jax.tree.unflatten(structure, arrays), rest))

    jaxpr, out = jax.make_jaxpr(flat, return_shape=True)(*arrays)
    taken = structure, _types(arrays)
    return Converted(jaxpr.jaxpr, jaxpr.consts, taken, jax.tree.structure(out))


def _flat(args: Args) -> tuple[list[Any], Any]:
    return jax.tree.flatten(eqx.filter(args, eqx.is_array))


def _types(arrays: list[Any]) -> tuple[Any, ...]:
    return tuple((x.shape, x.dtype) for x in arrays)
