"""Ways to say how usual a row is: each learns of training rows, and gives larger numbers to usual
ones."""

from collections.abc import Callable

import jax
import numpy as np
from sklearn.ensemble import IsolationForest

import zoo
from zoo.tasks.density import gaussian_log_density

from .planted import Planted

Score = Callable[[np.ndarray], np.ndarray]
"""Rows [N, D] to numbers [N]."""
STEPS = 500


def cnf(known: Planted, seed: int) -> Score:
    """The log density of a `cnf` as it comes, of the weights that were best for validation rows."""
    data = known.usual
    model = zoo.create_model(zoo.model_config("cnf", data), key=jax.random.key(seed))
    fitted = zoo.fit(model, data, steps=STEPS, key=jax.random.key(seed + 1)).model

    def score(rows: np.ndarray) -> np.ndarray:
        return zoo.predict(fitted, rows, data=data)

    return score


def gaussian(known: Planted, seed: int) -> Score:
    """The log density of the Gaussian with the mean and covariance of the training rows."""
    train, prepared = known.usual.train["x"], known.usual.preprocessing

    def score(rows: np.ndarray) -> np.ndarray:
        values = gaussian_log_density(train, prepared.inputs(rows))
        assert values is not None, "the training rows fill a volume"
        return values

    return score


def isolation_forest(known: Planted, seed: int) -> Score:
    """scikit-learn's isolation forest, as it comes (Liu, Ting and Zhou 2008)."""
    forest = IsolationForest(random_state=seed).fit(known.rows("train"))
    scores: Score = forest.score_samples
    return scores


SCORERS = {"cnf": cnf, "Gaussian": gaussian, "isolation forest": isolation_forest}
