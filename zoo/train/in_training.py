"""What training alone lays over the solver of a step; evaluation never sees it."""

import jax
from jaxtyping import Array, PRNGKeyArray

from ..regularisers import Regulariser
from ..solve import Solver

# Beyond the place of any example, whose own draws are folded from the same key.
_TAG = 0x57EE4000 + 2**31


def regularised_solver(
    solver: Solver | None,
    regulariser: Regulariser | None,
    random_end: float | None,
    key: PRNGKeyArray,
) -> Solver | None:
    """The solver of one step, with a regulariser and an interval whose end is drawn from its key.

    Of a model with several solves these are laid over each, as all that it is given is.
    """
    stretch = random_stretch(random_end, key) if random_end else None
    if regulariser is None and stretch is None:
        return solver
    laid = Solver(stretch=stretch, regulariser=regulariser)
    return laid if solver is None else laid.over(solver)


def random_stretch(random_end: float, key: PRNGKeyArray) -> Array:
    """A factor on the length of the interval, uniform within 1 ± `random_end`.

    Ghosh et al. 2020, "STEER: Simple Temporal Regularization For Neural ODEs": one for all examples
    of a step.
    """
    key = jax.random.fold_in(key, _TAG)
    return jax.random.uniform(key, minval=1 - random_end, maxval=1 + random_end)
