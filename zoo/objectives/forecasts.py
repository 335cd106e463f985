"""Losses of models that say at every time what each channel is: of what they were not shown."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from ..errors import DataError
from ..registry import register_loss
from ..solve import Solver
from ..types import AnyArray, Aux, Batch
from .losses import Loss
from .model import Model


def gaussian_nll(
    model: Model, batch: Batch, *, key: PRNGKeyArray | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The mean of -log N(x; mean, deviation) over the values that are to be found.

    These are what is observed (`mask`) and was not `given` to the model. It predicts [B, T, D, 2],
    mean and standard deviation, in standardised units. An example without anything to find counts
    as 0. The metrics `nll` and `mse` are means over all values to be found, of whichever example.

    Raises `DataError` for data without `given` and for predictions of another shape.
    """
    wanted = to_find(batch)
    x = jnp.asarray(batch["x"])
    ys, stats = model.forward(model.inputs(batch), args=batch.get("args"), solver=solver, key=key)
    if jnp.shape(ys) != (*x.shape, 2):
        raise DataError(
            f"The model predicts shape {jnp.shape(ys)} of series of shape {x.shape}: expected "
            f"{(*x.shape, 2)}, the mean and the standard deviation of each value."
        )
    mean, deviation = ys[..., 0], ys[..., 1]
    error = jnp.where(wanted, (x - mean) / deviation, 0)
    density = 0.5 * (error**2 + jnp.log(2 * jnp.pi)) + jnp.log(deviation)
    total = jnp.sum(jnp.where(wanted, density, 0), axis=(1, 2))
    squares = jnp.sum(jnp.where(wanted, (x - mean) ** 2, 0), axis=(1, 2))
    count = jnp.sum(wanted, axis=(1, 2)).astype(total.dtype)
    metrics: dict[str, AnyArray] = {"nll": total, "mse": squares}
    counts: dict[str, AnyArray] = {"nll": count, "mse": count}
    return total / jnp.maximum(count, 1), Aux(stats, metrics, ys, counts)


def to_find(batch: Batch) -> Bool[Array, "B T D"]:
    """Which values of `x` are observed and were not given to the model.

    Raises `DataError` for data that do not say what is `given`.
    """
    given = batch.get("given")
    if given is None:
        raise DataError(
            "The data have no array 'given', which says what of each series the model is shown: "
            "expected one, of the shape of x or (examples, times). Way out: a data set's options "
            "hide (interpolation) and horizon (forecasting) make it."
        )
    shape = jnp.shape(batch["x"])

    def each(seen: object) -> Array:
        seen = jnp.asarray(seen, bool)
        return jnp.broadcast_to(seen[..., None] if seen.ndim == 2 else seen, shape)

    return each(batch.get("mask", jnp.ones(shape, bool))) & ~each(given)


@register_loss("gaussian_nll")
def gaussian_nll_loss() -> Loss:
    """The negative log-likelihood of what is to be found, by normal distributions (series)."""
    return gaussian_nll


FORECAST: dict[str, Loss] = {"forecasting": gaussian_nll, "interpolation": gaussian_nll}
"""What a model that says at every time what each channel is can be trained for."""
