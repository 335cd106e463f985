"""Small series with labels, and the registered models that take series."""

import jax.numpy as jnp
import numpy as np

import zoo
from zoo.models import AbstractModel, AbstractSeriesModel, model_tasks
from zoo.registry import MODELS
from zoo.tasks import Output, task_named

TASKS = ("classification", "forecasting", "interpolation", "trajectory")


def labelled_series(
    count: int = 12, length: int = 9, channels: int = 2, labels: str = "ab"
) -> zoo.Dataset:
    """Irregular series with missing values, of which the last third of the times is not shown."""
    rng = np.random.default_rng(0)
    t = np.cumsum(rng.uniform(0.2, 2.0, (count, length)), axis=1)
    x = np.cumsum(rng.standard_normal((count, length, channels)), axis=1)
    mask = rng.uniform(size=x.shape) < 0.8
    mask[:, 0] = True
    given = np.broadcast_to(np.arange(length)[:, None] < 2 * length // 3, x.shape)
    arrays = {
        "t": t,
        "x": x,
        "mask": mask,
        "given": given,
        "static": rng.standard_normal((count, 1)),
        "inputs": np.sin(t)[..., None],
        "y": np.array(list(labels))[np.arange(count) % len(labels)],
    }
    return zoo.make_dataset(zoo.RawData(arrays, TASKS, kind="series"), split="all")


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
