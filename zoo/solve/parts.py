"""The part of a state that an `error_of` picks, and putting another in its place."""

from collections.abc import Callable
from typing import TypeAlias

import jax

from ..errors import ConfigError
from ..types import State

PartOf: TypeAlias = Callable[[State], State]
"""The part of a state whose error chooses the step, such as `zoo.solve.first`: its arrays as they
are, and no others."""


def places_of(part_of: PartOf, state: State) -> tuple[int, ...]:
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


def put(state: State, places: tuple[int, ...], part: State) -> State:
    """The state with the leaves of `part` at `places`."""
    leaves, tree = jax.tree.flatten(state)
    for place, leaf in zip(places, jax.tree.leaves(part), strict=True):
        leaves[place] = leaf
    return jax.tree.unflatten(tree, leaves)
