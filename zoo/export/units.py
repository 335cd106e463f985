"""How a task's outputs return to the user's units: a factor and a shift for each number."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from ..datasets import Preparation
from ..errors import ConfigError
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
