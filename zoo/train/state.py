"""The state of training: one pytree, from which a run can go on exactly."""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int

from ..models.base import AbstractModel
from ..objectives.updates import AbstractUpdate
from ..types import OptimiserState


class TrainState(eqx.Module):
    """All that changes in training. The batch and the key of step n follow from the run's key."""

    model: AbstractModel
    optimiser: OptimiserState
    ema: AbstractModel | None
    """Exponential moving average of the model, or None."""
    step: Int[Array, ""]
    bad_steps: Int[Array, ""]
    """Steps in a row that could not be taken."""
    skipped: Int[Array, ""]
    """Steps that could not be taken, in all."""
    best: AbstractModel | None
    """The model (its average where on) with the lowest validation loss, or None."""
    best_value: Float[Array, ""]
    best_step: Int[Array, ""]

    @property
    def evaluated(self) -> AbstractModel:
        """The model that is evaluated: the average where on."""
        return self.model if self.ema is None else self.ema


def initial_state(
    model: AbstractModel,
    update: AbstractUpdate,
    optimiser: optax.GradientTransformation,
    *,
    ema: bool,
    keep_best: bool,
) -> TrainState:
    """The state before the first step."""
    zero = jnp.zeros((), jnp.int32)
    return TrainState(
        model=model,
        optimiser=update.init(model, optimiser),
        ema=model if ema else None,
        step=zero,
        bad_steps=zero,
        skipped=zero,
        best=model if keep_best else None,
        best_value=jnp.asarray(jnp.inf, float),
        best_step=zero,
    )


def has_shape(leaf: object) -> bool:
    """Whether a leaf is an array, or the shape and type that stand for one in a trace."""
    return eqx.is_array(leaf) or isinstance(leaf, jax.ShapeDtypeStruct)
