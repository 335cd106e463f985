"""Losses of models that say at every time what each channel is: of what they were not shown."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..errors import DataError
from ..registry import register_loss
from ..solve import Solver
from ..types import AnyKey, Aux, Batch
from .losses import Loss
from .model import Model
from .paths import PathReport, targets_of

_HIDDEN = PathReport(targets_of, "nll")


def gaussian_nll(
    model: Model, batch: Batch, *, key: AnyKey | None, step: Array, solver: Solver | None
) -> tuple[Float[Array, " B"], Aux]:
    """The mean of -log N(x; mean, deviation) over the values that are to be found.

    These are what is observed (`mask`) and was not `given` to the model. It predicts [B, T, D, 2],
    mean and standard deviation, in standardised units. An example without anything to find counts
    as 0. The metrics `nll` and `mse` are means over all values to be found, of whichever example.

    Raises `DataError` for data without `given` and for predictions of another shape.
    """
    _check_given(batch)
    ys, stats = model.forward(model.inputs(batch), args=batch.get("args"), solver=solver, key=key)
    shape = jnp.shape(batch["x"])
    if jnp.shape(ys) != (*shape, 2):
        raise DataError(
            f"The model predicts shape {jnp.shape(ys)} of series of shape {shape}: expected "
            f"{(*shape, 2)}, the mean and the standard deviation of each value."
        )
    return _HIDDEN.scored(ys, stats, batch)


def _check_given(batch: Batch) -> None:
    """Raise `DataError` for data that do not say what is `given`."""
    if batch.get("given") is None:
        raise DataError(
            "The data have no array 'given', which says what of each series the model is shown: "
            "expected one, of the shape of x or (examples, times). Way out: a data set's options "
            "hide (interpolation) and horizon (forecasting) make it."
        )


@register_loss("gaussian_nll")
def gaussian_nll_loss() -> Loss:
    """The negative log-likelihood of what is to be found, by normal distributions (series)."""
    return gaussian_nll


FORECAST: dict[str, Loss] = {"forecasting": gaussian_nll, "interpolation": gaussian_nll}
"""What a model that says at every time what each channel is can be trained for."""
