"""Dynamics fitted to derivatives: what a model and the data have to be."""

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.datasets import make_dataset
from zoo.datasets.series import series_data
from zoo.models.series import BouncingBall
from zoo.objectives.derivatives import derivative_error
from zoo.plots import bodies_animation, rollouts_by_time

from .given import KEY, model

BATCH = {"t": np.tile(np.arange(6.0), (4, 1)), "x": np.ones((4, 6, 2))}


def fitted(fitted_model):
    """The error of a model's field on four paths."""
    return derivative_error(fitted_model, BATCH, key=None, step=jnp.array(0), solver=None)


BODIES = make_dataset(
    series_data({**BATCH, "x": np.ones((4, 6, 4))}, ("dynamics",)), split="all", standardise=False
)
STILL = zoo.create_model("trajectory", BODIES, key=KEY, dynamics_options={"init_scale": 0.0})

CASES = {
    "Derivatives of another shape than the values": lambda: series_data(
        {**BATCH, "dx": np.ones((4, 6, 1))}, ("dynamics",)
    ),
    "Derivatives for a model without a field of the channels": lambda: fitted(model()),
    "Derivatives for a model that estimates its start": lambda: fitted(
        zoo.create_model("trajectory", {"channels": 2, "out_size": 2}, key=KEY)
    ),
    "A ball of three channels": lambda: zoo.create_model(
        "bouncing_ball", {"channels": 3, "out_size": 3}, key=KEY
    ),
    "A limit of Huber's loss that is 0": lambda: BouncingBall(huber=0.0),
    "A figure of no rollouts": lambda: rollouts_by_time({}, BODIES),
    "A path that is not there": lambda: rollouts_by_time({"still": STILL}, BODIES, path=9),
    "Bodies in data that do not say where they are": lambda: bodies_animation(STILL, BODIES),
}
