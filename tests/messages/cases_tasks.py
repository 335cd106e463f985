"""Tasks: outputs of which their metrics cannot be made."""

import numpy as np

import zoo
from zoo.tasks import task_named

SERIES = zoo.make_dataset(
    zoo.RawData({"x": np.arange(90.0).reshape(9, 5, 2)}, ("trajectory",), kind="series")
)


def metrics(*shape: int, value: float = 0.0) -> object:
    """The metrics of two predicted paths."""
    ok = np.ones(len(SERIES.test["x"]), bool)
    return task_named("trajectory").metrics(np.full(shape, value), SERIES.test, SERIES, ok)


CASES = {
    "A logit for a path": lambda: task_named("forecasting").check_outputs((9, 2), 9),
    "Paths of another number of channels": lambda: metrics(2, 5, 3),
    "A standard deviation below zero": lambda: metrics(2, 5, 2, 2, value=-0.5),
}
