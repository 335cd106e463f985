"""One step of an explicit Runge-Kutta method on a whole batch, its stages unrolled."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ..controllers import against
from .lanes import Lane
from .tableau import Tableau


class Stages(NamedTuple):
    """What one step computed."""

    y1: PyTree[Array]
    slopes: list[PyTree[Array]]
    """k_i of each stage that was evaluated."""
    states: list[PyTree[Array]]
    """The state at which each was."""


def take_step(
    field: Any,
    args: Any,
    tableau: Tableau,
    sign: Lane,
    start: Lane,
    stop: Lane,
    y: PyTree[Array],
    slope: PyTree[Array] | None = None,
    *,
    whole: bool = True,
) -> Stages:
    """The stages of a step from `start` to `stop`, times that run forward; real time is sign · τ.

    `slope` is the first stage's where it is known. Without `whole` a reused last stage, on which
    `y1` does not depend, is left out.
    """
    h = sign * (stop - start)
    slopes = [field(sign * start, y, args) if slope is None else slope]
    states = [y]
    for row, c in zip(tableau.a[1:], tableau.c[1:], strict=True):
        state = advance(y, h, row, slopes)
        states.append(state)
        if not whole and len(states) > tableau.pulled_stages:
            break
        # The end itself, so that rounding never takes a stage beyond it.
        time = stop if c == 1.0 else start + c * (stop - start)
        slopes.append(field(sign * time, state, args))
    y1 = states[-1] if tableau.reuses else advance(y, h, tableau.b, slopes)
    return Stages(y1, slopes, states)


def advance(
    y: PyTree[Array], h: Lane, weights: tuple[float, ...], slopes: list[PyTree[Array]]
) -> Any:
    """y + h Σ_j w_j k_j."""
    moved = combine(h, weights, slopes)
    return jax.tree.map(jnp.add, y, moved)


def combine(h: Lane, weights: tuple[float, ...], slopes: list[PyTree[Array]]) -> Any:
    """h Σ_j w_j k_j."""

    def leaf(*ks: Array) -> Array:
        terms = [w * k for w, k in zip(weights, ks, strict=False) if w != 0]
        total = sum(terms[1:], terms[0]) if terms else jnp.zeros_like(ks[0])
        return against(h, total) * total

    return jax.tree.map(leaf, *slopes)
