"""Paths through series that are mostly padding: made of the times alone that there are."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from ..types import AnyArray
from .path import Derivative, Path

LayPath = Callable[[Array, Array, Array, Array | None], Path]
_SHARE, _LEAST = 8, 512


def of_what_is_there(
    lay: LayPath,
    t: Float[Array, "B T"],
    x: Float[Array, "B T D"],
    mask: Bool[Array, "B T D"],
    inputs: Float[Array, "B T U"] | None,
) -> Path:
    """`lay(t, x, mask, inputs)`, of an eighth of the times where no series of the batch has more.

    Of few times there is nothing to save, and one path is compiled.
    """
    length, arrays = t.shape[1], (t, x, mask, inputs)
    if length < _LEAST:
        return lay(*arrays)
    few = length // _SHARE
    whole = eqx.filter_eval_shape(lay, *arrays)

    def short() -> Path:
        first = jax.tree.map(lambda a: a[:, :few], arrays)
        return _widened(lay(*first), whole)

    there = (t[:, few - 1] == t[:, -1]).all()
    path: Path = jax.lax.cond(there, short, lambda: lay(*arrays))
    return path


def _widened(path: Path, whole: Path) -> Path:
    """A path with as many pieces and times as `whole`, of which the last ones are never read."""

    def wide(values: AnyArray, size: int, **how: Any) -> Array:
        more = size - values.shape[1]
        return jnp.pad(values, ((0, 0), (0, more)) + ((0, 0),) * (values.ndim - 2), **how)

    derivative, other = path.derivative, whole.derivative
    return Path(
        Derivative(
            wide(derivative.knots, other.knots.shape[1], constant_values=jnp.inf),
            wide(derivative.rows, other.rows.shape[1]),
            derivative.channels,
        ),
        path.start,
        wide(path.values, whole.values.shape[1]),
        wide(path.times, whole.times.shape[1], mode="edge"),
        path.end,
    )
