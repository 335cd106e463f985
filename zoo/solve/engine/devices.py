"""Arrays of which each device has its own, inside `jax.shard_map` and `jax.pmap`."""

from collections.abc import Callable

import equinox as eqx
import jax
from jaxtyping import Array

from ...errors import ConfigError
from ...types import AnyArray, Args, Tree


def axes_of(x: AnyArray) -> frozenset[str]:
    """The axes of a mesh of devices along which an array differs, as far as JAX keeps count."""
    # Empty outside of shard_map, and inside it with check_vma=False.
    return frozenset(jax.typeof(x).manual_axis_type.varying)


def own_everywhere(tree: Tree) -> Tree:
    """The tree, each array of which differs along every axis along which one of them does.

    The loop of each device ends by itself, so that no device may wait for another inside of it. An
    array that all have in common would get a gradient summed over devices at each step; as one of
    each device's own it is summed once, where it was made its own.
    """
    arrays, rest = eqx.partition(tree, eqx.is_array)
    every = frozenset[str]().union(*map(axes_of, jax.tree.leaves(arrays)))

    def own(x: AnyArray) -> AnyArray:
        missing = tuple(axis for axis in sorted(every, key=str) if axis not in axes_of(x))
        return jax.lax.pcast(x, missing, to="varying") if missing else x

    return eqx.combine(jax.tree.map(own, arrays), rest)


def while_loop(going: Callable[[Tree], Array], body: Callable[[Tree], Tree], start: Tree) -> Tree:
    """`jax.lax.while_loop`, whose state differs wherever part of it does."""
    return jax.lax.while_loop(going, body, own_everywhere(start))


def check_own(perturbed: Args, tree: Tree) -> None:
    """Raise `ConfigError` where devices have in common what is differentiated, but not the rest."""

    def axes(tree: Tree) -> set[frozenset[str]]:
        return {axes_of(x) for x in jax.tree.leaves(eqx.filter(tree, eqx.is_array))}

    every = frozenset[str]().union(*axes(tree))
    if axes(perturbed) <= {every}:
        return
    raise ConfigError(
        "jax.shard_map with check_vma=True cannot differentiate by an array that the dynamics "
        f"close over and that does not vary over {sorted(map(str, every))}: make it a field of "
        "theirs (of an eqx.Module), or use check_vma=False."
    )
