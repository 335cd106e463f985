"""How far what a density draws is from held-out examples."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from ...datasets.base import Arrays
from ...models.densities import AbstractDensity
from ...models.densities.dequantise import dequantised
from ...objectives.parameters import float_type
from ...precision import cast_floats
from ...solve import Solver
from ...tasks.sliced_wasserstein import sliced_wasserstein
from ..batched import mean_nfe
from ..sample import draw_many

MOST_DRAWS = 1024
"""Draws, and as many held-out and training examples, that are compared."""


@dataclass(frozen=True)
class Compared:
    """Sliced W2 distances in the model's units, and what the draws cost."""

    nfe_sample: float | None
    """Evaluations of a draw, in the mean."""
    sliced_w2: float | None
    """Of draws from held-out examples; None where no draw was solved."""
    sliced_w2_train: float
    """Of as many training examples from the same held-out ones: what draws can reach."""
    failed_draws: int


def compare_draws(
    model: AbstractDensity,
    arrays: Arrays,
    train: Arrays,
    *,
    key: PRNGKeyArray,
    solver: Solver | None = None,
    batch_size: int = 128,
) -> Compared:
    """The distance of draws from examples, beside that of training examples from the same.

    As many are drawn as there are examples, at most `MOST_DRAWS`; training examples are taken at
    equal distances. Those that take levels are dequantised, as the density is of such numbers.

    Args:
        model: the density.
        arrays: held-out examples, `x` [N, ...] in the model's units.
        train: training examples.
        key: what is drawn from.
        solver: as `zoo.evaluation.batched.traced_solver` gives it.
        batch_size: draws of one compiled call, at most.
    """
    count = min(len(arrays["x"]), MOST_DRAWS)
    held_out = _dequantised(model, _spaced(arrays["x"], count), jax.random.fold_in(key, 1))
    seen = _dequantised(model, _spaced(train["x"], count), jax.random.fold_in(key, 2))
    drawn, stats = draw_many(model, None, count, key=key, solver=solver, batch_size=batch_size)
    flat = drawn.reshape(len(drawn), -1)
    ok = np.asarray(stats.ok) & np.isfinite(flat).all(axis=1)
    reached = sliced_wasserstein(flat[ok], held_out) if ok.any() else None
    return Compared(
        mean_nfe(stats.nfe), reached, sliced_wasserstein(seen, held_out), int((~ok).sum())
    )


def _spaced(xs: np.ndarray, count: int) -> np.ndarray:
    """At most `count` examples at equal distances."""
    rows = np.unique(np.linspace(0, len(xs) - 1, min(count, len(xs))).round().astype(int))
    return xs[rows]


def _dequantised(model: AbstractDensity, xs: np.ndarray, key: PRNGKeyArray) -> np.ndarray:
    """Examples as the density sees them, flat."""
    given = cast_floats({"x": xs}, float_type(model))["x"]
    return np.asarray(dequantised(jnp.asarray(given), model.quanta, key)).reshape(len(xs), -1)
