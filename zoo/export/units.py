"""How outputs leave a program: in the user's units, and marked where there are none."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..datasets import Preparation
from ..errors import ConfigError
from ..solve import Outcome
from ..tasks import Task


@dataclass(frozen=True)
class Units:
    """Outputs y [B, ...] of a model are factor · y + shift in the user's units."""

    factor: np.ndarray
    """Of one example."""
    shift: np.ndarray

    @classmethod
    def of(
        cls, task: Task, shape: tuple[int, ...], in_shape: tuple[int, ...], learned: Preparation
    ) -> "Units":
        """Those of `task.to_units`, found from its values for outputs of 0 and of 1.

        Args:
            task: what the model is for.
            shape: of the outputs of one example.
            in_shape: of the array `x` of one example.
            learned: what was learned of the training rows.

        Raises `ConfigError` for a task whose `to_units` is anything else than factors and shifts.
        """
        xs = np.zeros((1, *in_shape))

        def units(outputs: np.ndarray) -> np.ndarray:
            told = np.asarray(task.to_units(outputs[None], xs, learned), np.float64)
            return np.asarray(told[0])

        shift = units(np.zeros(shape))
        factor = np.asarray(units(np.ones(shape)) - shift)
        found = cls(factor, shift)
        trial = np.random.default_rng(0).normal(size=shape)
        told = units(trial)
        if told.shape != shape or not np.allclose(told, factor * trial + shift, rtol=1e-9):
            raise ConfigError(
                f"The task {task.name} returns outputs to the user's units by more than a factor "
                "and a shift for each number, which an exported program cannot follow: expected "
                "such a to_units, or one that returns the outputs as they are."
            )
        return found

    def apply(self, outputs: Array) -> Array:
        """Outputs [B, ...] in the user's units, in 64 bits."""
        return jnp.asarray(outputs, jnp.float64) * self.factor + self.shift


def marked(prediction: Array, outcome: Array, valid: Array) -> tuple[Array, Array]:
    """Predictions [B, ...] and outcomes [B], both of which say where there is none.

    A row that makes no sense (`valid` [B] is False) is NaN; one that is not finite has a code, also
    of a model without a solve, which has no outcome of its own.
    """
    axes = tuple(range(1, prediction.ndim))
    finite = jnp.all(jnp.isfinite(prediction), axis=axes)
    found = jnp.where(finite, Outcome.SUCCESS, Outcome.NON_FINITE)
    outcome = jnp.where(outcome == Outcome.SUCCESS, found, outcome)
    kept = jnp.where(jnp.expand_dims(valid, axes), prediction, jnp.nan)
    return kept, jnp.where(valid, outcome, Outcome.INVALID).astype(jnp.int32)
