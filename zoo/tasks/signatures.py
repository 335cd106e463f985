"""Signatures of paths: the numbers that tell a path, and in the mean the law of random ones."""

from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np

PathArray = TypeVar("PathArray", np.ndarray, jax.Array)
DEPTH = 3
"""Levels of the signatures that tell one law from another."""
LEAST_WIDTH = 1e-6
"""A feature with a smaller standard deviation, such as one of time alone, tells nothing."""


def signature(steps: PathArray, depth: int) -> list[PathArray]:
    """The levels 1 to `depth` of the signatures of broken lines, [N, C^level] each.

    Of increments [N, K, C]. By Chen's identity a piece with increment d turns the level n into
    Σ_j S_{n-j} ⊗ d^{⊗j} / j!, which is summed over the pieces one level after the other. NumPy and
    JAX alike. Lyons 1998, "Differential equations driven by rough signals"; the mean of the
    signature tells the law of a random path: Chevyrev and Oberhauser 2018, "Signature moments to
    characterize laws of stochastic processes".
    """
    before: list[PathArray] = []  # level n of the path up to each piece, [N, K, C^n], from n = 1
    levels = []
    for level in range(1, depth + 1):
        # From the innermost bracket out: d^{⊗n}/n! and so on, as Horner's rule has it.
        change = steps / level
        for lower in range(1, level):
            change = outer(before[lower - 1] + change, steps / (level - lower))
        total = change.cumsum(axis=1)
        before.append(total - change)
        levels.append(total[:, -1])
    return levels


def outer(first: PathArray, second: PathArray) -> PathArray:
    """The tensor product along the last axes, [N, K, P] and [N, K, C] to [N, K, P C]."""
    return (first[..., :, None] * second[..., None, :]).reshape(*first.shape[:-1], -1)


def path_features(t: PathArray, xs: PathArray, depth: int = DEPTH) -> PathArray:
    """What the law of random paths is told by: the signature of each, [N, F].

    Of times t [N, T] and values xs [N, T, D], a broken line in 1 + 2 D channels: time, the values,
    from 0 to where the path starts, and the sums of the squares of their increments. A broken line
    has no quadratic variation of its own, so that without these sums its first levels say little of
    the noise (the lead-lag path of Flint, Hambly and Lyons 2016 says the same in more numbers).
    """
    stack = jnp if isinstance(xs, jax.Array) else np
    start = stack.zeros_like(xs[:, :1])
    moved = stack.diff(stack.concatenate([start, xs], axis=1), axis=1)
    squares = stack.concatenate([start, moved[:, 1:] ** 2], axis=1)
    passed = stack.concatenate([start[..., :1], stack.diff(t, axis=1)[..., None]], axis=1)
    steps = stack.concatenate([passed, moved, squares], axis=-1)
    return stack.concatenate(signature(steps, depth), axis=-1)


def signature_distance(drawn: np.ndarray, real: np.ndarray) -> float:
    """How far apart the mean features [F] of two samples [N, F] and [M, F] are, without a unit.

    The maximum mean discrepancy (Gretton et al. 2012, "A kernel two-sample test") by a truncated
    signature kernel, in which each feature counts in units of its standard deviation in the `real`
    sample, since the levels of a signature are of very unlike size: the root of the mean square
    over those features that vary. Two samples of one law are not 0 apart, but near
    sqrt(1/N + 1/M).
    """
    width = real.std(axis=0)
    apart = drawn.mean(axis=0) - real.mean(axis=0)
    varying = width > LEAST_WIDTH
    return float(np.sqrt(np.mean((apart[varying] / width[varying]) ** 2)))
