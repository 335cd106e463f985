"""Dynamics fitted to derivatives: what a model and the data have to be."""

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.datasets.series import series_data
from zoo.objectives.derivatives import derivative_error

from .given import KEY, model

BATCH = {"t": np.tile(np.arange(6.0), (4, 1)), "x": np.ones((4, 6, 2))}


def fitted(fitted_model):
    """The error of a model's field on four paths."""
    return derivative_error(fitted_model, BATCH, key=None, step=jnp.array(0), solver=None)


CASES = {
    "Derivatives of another shape than the values": lambda: series_data(
        {**BATCH, "dx": np.ones((4, 6, 1))}, ("dynamics",)
    ),
    "Derivatives for a model without a field of the channels": lambda: fitted(model()),
    "Derivatives for a model that estimates its start": lambda: fitted(
        zoo.create_model("trajectory", {"channels": 2, "out_size": 2}, key=KEY)
    ),
}
