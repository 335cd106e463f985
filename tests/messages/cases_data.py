"""Arrays of one's own: their shapes, types and values, and the split."""

from types import MappingProxyType

import numpy as np

import zoo

from .given import moons

X = np.ones((9, 2))
Y = np.arange(9) % 2


def data(x=X, y=Y, task="classification", names=(), more=MappingProxyType({}), **options):
    """A data set of these arrays, and perhaps `more`."""
    raw = zoo.RawData({"x": x, "y": y, **more}, (task,) if task else (), names)
    return zoo.make_dataset(raw, **options)


def with_value(value: float) -> np.ndarray:
    """X with a value at [3, 1]."""
    x = X.copy()
    x[3, 1] = value
    return x


CASES = {
    "No task": lambda: data(task=""),
    "A kind of data that there is not": lambda: zoo.make_dataset(
        zoo.RawData({"x": X, "y": Y}, ("regression",), kind="imgae")
    ),
    "Images without channels, as images": lambda: zoo.make_dataset(
        zoo.RawData({"x": np.ones((9, 4, 4)), "y": np.ones(9)}, ("regression",), kind="image")
    ),
    "Tasks of labels and of numbers": lambda: zoo.make_dataset(
        zoo.RawData({"x": X, "y": Y}, ("classification", "regression"))
    ),
    "No targets": lambda: zoo.make_dataset(zoo.RawData({"x": X}, ("regression",))),
    "No examples": lambda: data(X[:0], Y[:0]),
    "A feature without an axis": lambda: data(X[:, 0]),
    "A target too few": lambda: data(y=Y[:8]),
    "Inputs that are words": lambda: data(X.astype(str)),
    "Complex inputs": lambda: data(X.astype(complex)),
    "An input that is not a number": lambda: data(with_value(np.nan)),
    "A target that is not finite": lambda: data(y=with_value(np.inf), task="regression"),
    "An input too large for float32": lambda: data(with_value(1e300), standardise=False),
    "Inputs too large for a deviation": lambda: data(1e300 * (X + Y[:, None])),
    "An input too large beside the others": lambda: data(with_value(1e300)),
    "A label for each feature": lambda: data(y=X),
    "Targets that are words": lambda: data(y=np.array(["yes", "no", "no"] * 3), task="regression"),
    "A target name too many": lambda: data(task="regression", names=("height", "weight")),
    "Levels that lie no distance apart": lambda: zoo.make_dataset(
        zoo.RawData({"x": X}, ("density",), quantum=0.0)
    ),
    "A weight for another number of examples": lambda: data(more={"weight": np.ones(5)}),
    "Weights of two axes": lambda: data(more={"weight": np.ones((9, 2))}),
    "A weight below zero": lambda: data(more={"weight": 2.5 - np.arange(9)}),
    "Weights that are all zero": lambda: data(more={"weight": np.zeros(9)}),
    "A mask of another shape": lambda: data(more={"mask": np.ones((9, 3))}),
    "A mask of other numbers": lambda: data(more={"mask": 2 * X}),
    "Times that float32 does not tell apart": lambda: data(
        more={"t": 1.7e9 + np.arange(9.0)}, standardise=False
    ),
    "A split that is none": lambda: data(split="80/20"),
    "All in every part, where some mark the test split": lambda: zoo.make_dataset(
        zoo.RawData({"x": X, "y": Y}, ("regression",), held_out=Y > 0), split="all"
    ),
    "A split that leaves a part empty": lambda: data(X[:3], Y[:3]),
    "A part that there is not": lambda: moons().split("valid"),
}
