"""The log density of test examples by a model, and by a Gaussian beside it."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ...datasets import Dataset
from ...evaluation.batched import forward_arrays, traced_solver
from ...models.densities import AbstractDensity
from ...tasks.gaussian_density import gaussian_log_density

MOST = 2000
"""Test examples that are looked at."""


class Scores(NamedTuple):
    """Of some test examples, in nats and the user's units."""

    model: Float[np.ndarray, " N"]
    """NaN where a solve failed."""
    gaussian: Float[np.ndarray, " N"] | None
    """By the mean and covariance of the training rows; None where these fill no volume."""


def scores_of(model: AbstractDensity, data: Dataset) -> Scores:
    """The log densities of the first 2,000 test examples."""
    arrays = {name: values[:MOST] for name, values in data.test.items()}
    outputs, _ = forward_arrays(model, arrays, traced_solver(model, None), 256)
    xs = np.asarray(arrays["x"])
    gaussian = gaussian_log_density(np.asarray(data.train["x"]), xs, data.levels.quanta)
    volume = data.preprocessing.log_volume(xs.shape[1:])
    told = outputs.astype(np.float64) + volume
    return Scores(told, None if gaussian is None else gaussian + volume)
