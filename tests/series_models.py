"""The registered models that take series, and what they make of arrays."""

import jax.numpy as jnp
import numpy as np

from zoo.models import AbstractModel, AbstractSeriesModel, model_tasks
from zoo.registry import MODELS
from zoo.tasks import Output, task_named

from .small_data import SERIES_TASKS as TASKS


def pairs() -> list[tuple[str, str]]:
    """Each registered model of series, with its first task of labels and its first one of paths."""
    found = []
    for entry in MODELS:
        if issubclass(entry.product, AbstractSeriesModel):
            able = [task for task in TASKS if task in model_tasks(entry.name)]
            paths = [task for task in able if task_named(task).output is Output.PATH]
            found += [(entry.name, t) for t in [*able[:1], *paths[:1]]]
    return list(dict.fromkeys(found))


def outputs_of(model: AbstractModel, arrays, solver=None):
    """The outputs of named arrays, and their `Stats`."""
    return model.forward(
        model.inputs({k: jnp.asarray(v) for k, v in arrays.items()}), solver=solver
    )


def padded(arrays, more: int = 10):
    """The arrays with `more` times of padding: all but its times and its mask may be anything."""

    def wide(name: str, values: np.ndarray) -> np.ndarray:
        if values.ndim < 2 or name == "static":
            return values
        value = {"mask": 0, "given": 1, "inputs": 1e9}.get(name, np.nan)
        last = np.repeat(values[:, -1:], more, axis=1)
        extra = last if name == "t" else np.full_like(last, value)
        return np.concatenate([values, extra], axis=1)

    return {name: wide(name, values) for name, values in arrays.items()}
