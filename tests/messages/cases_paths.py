"""Random paths: data without one grid, outputs that are no draws, models that draw none."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import zoo
from zoo.objectives.adversarial import AdversarialUpdate
from zoo.objectives.energy_score import energy_score
from zoo.objectives.path_distance import path_distance
from zoo.objectives.path_elbo import path_elbo
from zoo.plots import path_fan
from zoo.tasks import task_named

from .given import KEY, model, moons

PATHS = np.arange(60.0).reshape(6, 5, 2)
UNEVEN = np.broadcast_to([0.0, 1.0, 2.0, 3.5, 4.0], (6, 5))


def check(**arrays: np.ndarray) -> None:
    """The task `paths` asked for six paths."""
    raw = zoo.RawData({"x": PATHS, **arrays}, ("paths",), kind="paths")
    task_named("paths").check_data(zoo.make_dataset(raw))


class Still(eqx.Module):
    """What a loss may ask of a model, and nothing more."""

    def inputs(self, batch):
        return batch["x"]

    def forward(self, xs, *, args=None, solver=None, key=None):
        return xs, zoo.Stats.discrete(len(xs), 1)

    def isolates_failures(self, solver=None):
        return True


def of_batch(objective: Callable, key: jax.Array | None = None) -> object:
    """What an objective of drawn paths says of a model that draws none."""
    told = {"key": key, "step": jnp.zeros((), int), "solver": None}
    return objective(Still(), {"x": jnp.zeros((4, 5, 1))}, **told)


CASES = {
    "Paths with missing values": lambda: check(mask=(PATHS % 10 != 7).astype(int)),
    "Paths on a grid of uneven steps": lambda: check(t=UNEVEN),
    "A mean and deviation for a drawn path": lambda: task_named("paths").check_outputs(
        (6, 5, 2, 2), 6
    ),
    "The energy score of a model that draws no paths": lambda: of_batch(
        energy_score, jax.random.split(KEY, 4)
    ),
    "A distance of paths from a model that draws none": lambda: of_batch(
        path_distance("signature")
    ),
    "A posterior of a model that has none": lambda: of_batch(path_elbo),
    "Two players that are one": lambda: of_batch(AdversarialUpdate().loss),
    "A fan of a model that draws no paths": lambda: path_fan(model(), moons()),
}
