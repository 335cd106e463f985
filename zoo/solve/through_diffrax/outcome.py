"""How a solve of Diffrax's ended, in the codes of `Outcome`."""

from typing import Any

import diffrax
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from ...types import State
from ..outcomes import Outcome

# Growth of the state, from one or from its start, that no solution of use survives.
_GREW = 1e6


def outcome_of(
    solution: diffrax.Solution,
    ys: State,
    y0: State,
    finite: Bool[Array, ""],
    last_finite: Bool[Array, ""],
    implicit: bool,
) -> Int[Array, ""]:
    """The code of `Outcome`; the first that fits."""

    def size(tree: State) -> Array:
        return jnp.stack([jnp.abs(x).max(initial=0) for x in jax.tree.leaves(tree)]).max()

    done: Any = solution.result == diffrax.RESULTS.successful
    stopped: Any = solution.result == diffrax.RESULTS.max_steps_reached
    grew = ~(size(ys) <= _GREW * (1 + size(y0)))
    cases = [
        (done & finite, Outcome.SUCCESS),
        (finite & grew, Outcome.GREW),
        (~last_finite | (done & ~finite), Outcome.NON_FINITE),
        (stopped, Outcome.MAX_STEPS_IMPLICIT if implicit else Outcome.STOPPED),
    ]
    code = jnp.asarray(Outcome.IMPLICIT_FAILED, jnp.int32)
    for condition, outcome in reversed(cases):
        code = jnp.where(condition, jnp.asarray(outcome, jnp.int32), code)
    return code
