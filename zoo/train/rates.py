"""The learning rate of an update, for the log: told where it is known, and never guessed."""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, PyTree

from ..objectives.updates import AbstractUpdate, GradientUpdate
from ..types import OptimiserState


class RatedOptimiser(optax.GradientTransformationExtraArgs):
    """An optimiser that knows its learning rate, a number or a schedule of the updates so far."""

    rate: float | optax.Schedule

    @classmethod
    def of(
        cls, optimiser: optax.GradientTransformation, rate: float | optax.Schedule
    ) -> "RatedOptimiser":
        """An Optax optimiser that was made with a learning rate, and that rate."""
        rated = cls(*optimiser)
        rated.rate = rate
        return rated


def learning_rate(
    update: AbstractUpdate,
    optimiser: optax.GradientTransformation,
    optimiser_state: OptimiserState,
    updates: Int[Array, ""],
) -> Float[Array, ""] | None:
    """The rate of an update, from the optimiser's state after it and the number before it.

    Known are a `RatedOptimiser`, and one made by `optax.inject_hyperparams`. None for another, and
    for a way of training that may call its optimiser otherwise than once a step.
    """
    if not isinstance(update, GradientUpdate):
        return None
    if isinstance(optimiser, RatedOptimiser):
        rate = optimiser.rate
        return jnp.asarray(rate(updates) if callable(rate) else rate, float)
    nodes = jax.tree.leaves(optimiser_state, is_leaf=_holds_numbers)
    injected = [n.hyperparams for n in nodes if _holds_numbers(n)]
    rates = [numbers["learning_rate"] for numbers in injected if "learning_rate" in numbers]
    return jnp.asarray(rates[0], float) if len(rates) == 1 else None


def _holds_numbers(node: PyTree) -> bool:
    return isinstance(node, optax.InjectStatefulHyperparamsState)
