"""Losses per example. The training loop alone masks, weights and averages them."""

from typing import Protocol, runtime_checkable

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from ..errors import DataError
from ..registry import register_loss
from ..schema import PositiveFloat
from ..solve import Solver
from ..types import AnyArray, AnyKey, Aux, Batch, Stats
from .model import Model


@runtime_checkable
class Loss(Protocol):
    """`loss(model, batch, *, key, step, solver) -> (values [B], Aux)`.

    A value for each example of the batch, not their mean: padding, weights, failed solves and
    regularisers are the loop's business. `key` is None in evaluation: one that draws is an
    `AbstractUpdate.evaluation`. `step` counts training steps (for annealing); `solver` is to be
    passed on to `model.forward`. `Aux.metrics` holds further numbers per example, and `Aux.counts`
    over how many things such a number is a sum, where its mean is not one over examples.
    """

    def __call__(
        self,
        model: Model,
        batch: Batch,
        *,
        key: AnyKey | None,
        step: Array,
        solver: Solver | None,
    ) -> tuple[Float[Array, " B"], Aux]:
        """The loss of each example."""


def squared_error(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The mean over the targets of (prediction - y)².

    `batch` holds `x` and `y`, of shape [B, targets]. Raises `DataError` where predictions and
    targets differ in shape, since broadcasting them would give a loss that means nothing, and for
    class indices.
    """
    targets = batch["y"]
    if jnp.issubdtype(targets.dtype, jnp.integer):
        raise DataError(
            f"The targets are class indices ({targets.dtype}, {targets.shape}), and this loss "
            "takes differences of numbers: for classes use cross_entropy, for whole numbers "
            "y.astype(float)."
        )
    ys, stats = _forward(model, batch, key, solver)
    if ys.shape != targets.shape:
        raise DataError(
            f"The model predicts shape {ys.shape} and the targets have {targets.shape}: expected "
            "equal shapes; a single target is (N, 1)."
        )
    values = jnp.mean((ys - targets).reshape(len(ys), -1) ** 2, axis=-1)
    return values, Aux(stats, {"mse": values}, ys)


def cross_entropy(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The cross-entropy of softmax(prediction) with the class indices `y`, of shape [B].

    The metric is `accuracy`. Raises `DataError` where the predictions are not [B, classes], and for
    targets that are no indices.
    """
    labels = batch["y"]
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        raise DataError(
            f"The targets are numbers ({labels.dtype}, {labels.shape}), and cross_entropy takes "
            "class indices: for numbers use squared_error or huber."
        )
    logits, stats = _forward(model, batch, key, solver)
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise DataError(
            f"The model predicts shape {logits.shape} and the labels have {labels.shape}: expected "
            "(B, classes) and (B,)."
        )
    values = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    correct = (jnp.argmax(logits, axis=-1) == labels).astype(logits.dtype)
    return values, Aux(stats, {"accuracy": correct}, logits)


@register_loss("squared_error")
def squared_error_loss() -> Loss:
    """The mean over the targets of (prediction - y)² (regression)."""
    return squared_error


@register_loss("cross_entropy")
def cross_entropy_loss() -> Loss:
    """The cross-entropy of the predicted class probabilities (classification)."""
    return cross_entropy


@register_loss("huber")
def huber_loss(*, delta: PositiveFloat = 1.0) -> Loss:
    """Squared near the target and linear beyond `delta`, for targets with outliers (regression).

    The mean over the targets of e²/2 where |e| < delta, else delta (|e| - delta/2), of
    e = prediction - y: with delta 1 the smooth L1 loss of PyTorch.

    Args:
        delta: error from which on the loss is linear
    """

    def huber(
        model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
    ) -> tuple[Float[Array, " B"], Aux]:
        squares, aux = squared_error(model, batch, key=key, step=step, solver=solver)
        assert aux.prediction is not None
        errors = optax.huber_loss(aux.prediction, batch["y"], delta=delta)
        return errors.reshape(len(squares), -1).mean(axis=-1), aux

    return huber


PREDICTION: dict[str, Loss] = {"classification": cross_entropy, "regression": squared_error}
"""What a model that maps `x` to a vector can be trained for."""


def weighted_mean(values: Float[AnyArray, " B"], weight: Float[Array, " B"]) -> Float[Array, ""]:
    """The mean of the values by weight; one of weight zero is left out, even where it is NaN."""
    return ratio(weighted_sum(values, weight), jnp.sum(weight))


def weighted_sum(values: Float[AnyArray, " B"], weight: Float[Array, " B"]) -> Float[Array, ""]:
    """The sum of the values by weight; one of weight zero is left out, even where it is NaN."""
    return jnp.sum(jnp.where(weight > 0, values * weight, 0))


def ratio(total: Float[Array, ""], count: Float[Array, ""]) -> Float[Array, ""]:
    """total / count; 0 where both are."""
    return total / jnp.maximum(count, jnp.finfo(count.dtype).tiny)


def _forward(
    model: Model, batch: Batch, key: AnyKey | None, solver: Solver | None
) -> tuple[Array, Stats]:
    return model.forward(model.inputs(batch), args=batch.get("args"), solver=solver, key=key)
