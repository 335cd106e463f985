"""Paths drawn from a model of random paths, beside those of the data."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from ...datasets import Dataset
from ...datasets.preparation import SeriesPreparation
from ...errors import ConfigError
from ...evaluation import sample
from ...models.base import AbstractModel
from ...models.stochastic import AbstractStochasticModel

DRAWN = 512
"""Draws, and at most so many held-out paths, that figures look at."""


@dataclass(frozen=True)
class DrawnBeside:
    """Paths in the user's units, on one grid of times."""

    t: Float[np.ndarray, " T"]
    drawn: Float[np.ndarray, "n T D"]
    """Those that were solved."""
    held_out: Float[np.ndarray, "N T D"]


def can_draw_random_paths(model: AbstractModel, data: Dataset) -> bool:
    """Whether a model's draws can be shown beside data: random paths, and a model of them."""
    fits = any(data.serves(task) for task in model.objectives)
    return isinstance(model, AbstractStochasticModel) and fits


def drawn_beside(model: AbstractModel, data: Dataset, count: int = DRAWN) -> DrawnBeside:
    """`count` draws and as many held-out paths. Raises `ConfigError` where the figure does not
    fit."""
    if not can_draw_random_paths(model, data):
        raise ConfigError(
            f"{type(model).__name__} on {data.name!r} ({data.spec}) has no random paths to draw: "
            "expected a model of them, such as neural_sde, and data of kind paths. Way out: "
            "zoo.plots.all_figures draws what fits."
        )
    drawn = sample(model, None, count, key=jax.random.key(0), data=data, batch_size=count)
    learned, arrays = data.preprocessing, data.test
    scale = learned.t_scale if isinstance(learned, SeriesPreparation) else None
    length = arrays["x"].shape[1]
    t = np.asarray(arrays["t"][0] if "t" in arrays else np.linspace(0, 1, length), np.float64)
    solved = np.isfinite(drawn).all(axis=(1, 2))
    return DrawnBeside(
        t if scale is None else scale.invert(t),
        drawn[solved],
        learned.raw(arrays["x"][:count].astype(np.float64)),
    )
