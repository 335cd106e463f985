"""The part of a state that an `error_of` picks, and putting another in its place."""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import PyTree

from ..errors import ConfigError


def places_of(part_of: Callable[[PyTree], PyTree], state: PyTree) -> tuple[int, ...]:
    """Which leaves of a state a function picks, in its order.

    Raises `ConfigError` where it does not give arrays of the state as they are.
    """
    leaves, tree = jax.tree.flatten(state)
    marks = [object() for _ in leaves]
    try:
        picked = jax.tree.leaves(part_of(jax.tree.unflatten(tree, marks)))
        return tuple(marks.index(mark) for mark in picked)
    except Exception as error:  # whatever a function of arrays makes of something that is none
        name = getattr(part_of, "__name__", str(part_of))
        raise ConfigError(
            f"error_of={name} does not pick whole arrays of the state, which a regulariser that "
            "sees the dynamics needs: expected a function such as zoo.solve.first. Hold what is "
            "left out in an array of its own, y0 = (y, rest)."
        ) from error


def put(state: PyTree, places: tuple[int, ...], part: PyTree) -> Any:
    """The state with the leaves of `part` at `places`."""
    leaves, tree = jax.tree.flatten(state)
    for place, leaf in zip(places, jax.tree.leaves(part), strict=True):
        leaves[place] = leaf
    return jax.tree.unflatten(tree, leaves)
