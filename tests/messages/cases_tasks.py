"""Tasks: outputs of which their metrics cannot be made."""

import numpy as np

import zoo
from zoo.tasks import task_named

from .given import lines, written

NORMAL = np.random.default_rng(0).normal(size=(40, 2))
SERIES = zoo.make_dataset(
    zoo.RawData({"x": np.arange(90.0).reshape(9, 5, 2)}, ("trajectory",), kind="series")
)


def metrics(*shape: int, value: float = 0.0) -> object:
    """The metrics of two predicted paths."""
    ok = np.ones(len(SERIES.test["x"]), bool)
    return task_named("trajectory").metrics(np.full(shape, value), SERIES.test, SERIES, ok)


def density_with(column: np.ndarray) -> None:
    """A density of two columns and a third."""
    data = zoo.make_dataset(zoo.RawData({"x": np.c_[NORMAL, column]}, ("density",)))
    task_named("density").check_data(data)


def density_of_words() -> None:
    """A density of a table with a column of words."""
    rows = [f"{i}.5,{'xyz'[i % 3]},{i % 2}" for i in range(40)]
    path = written("towns.csv", lines("a,town,kind", *rows))
    data = zoo.load_dataset("csv", path=path, task="classification")
    task_named("density").check_data(data)


CASES = {
    "A logit for a path": lambda: task_named("forecasting").check_outputs((9, 2), 9),
    "Paths of another number of channels": lambda: metrics(2, 5, 3),
    "A standard deviation below zero": lambda: metrics(2, 5, 2, 2, value=-0.5),
    "A density of words": density_of_words,
    "A density of few uneven values": lambda: density_with(np.log(1 + np.arange(40) % 5)),
    "A density of a number that is often 0": lambda: density_with(NORMAL[:, 0].clip(0)),
    "A density of a constant": lambda: density_with(np.ones(40)),
    "A density of a column and what it is a sum of": lambda: density_with(NORMAL @ [2.0, -1.0]),
}
