"""Small names beside points, of which those that would cover another one are left out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes


class _Taken(NamedTuple):
    """Where a name stands, and its width and height, in parts of the axes."""

    place: np.ndarray
    size: np.ndarray


class PointNames:
    """The names beside the points of some axes, whose limits no longer change.

    Args:
        axes: where the points are drawn.
    """

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._taken: list[_Taken] = []

    def put(
        self, names: Sequence[str], points: Float[np.ndarray, "N 2"], *, above: bool, colour: str
    ) -> None:
        """Write a name to the right of each point, above or below it, where there is room.

        A point that is not finite gets none, and none is written on one that came earlier.
        """
        axes, side = self._axes, 1 if above else -1
        places = axes.transAxes.inverted().transform(axes.transData.transform(points))
        places = places + np.array([0, 0.05 * side])
        look: dict[str, Any] = {"fontsize": 6, "color": colour, "textcoords": "offset points"}
        look |= {"va": "bottom" if above else "top", "xytext": (2.5, 3 * side)}
        for name, point, place in zip(names, points, places, strict=True):
            mine = _Taken(place, np.array([0.03 + 0.013 * len(name), 0.06]))
            if np.isfinite(place).all() and not any(_meet(mine, other) for other in self._taken):
                self._taken.append(mine)
                axes.annotate(name, point, **look)


def _meet(a: _Taken, b: _Taken) -> bool:
    return bool((np.abs(a.place - b.place) < np.maximum(a.size, b.size)).all())
