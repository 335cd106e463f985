"""What a task is told of data, and what it tells of outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from .levels import Levels
from .path_law import PathLaw

Arrays: TypeAlias = Mapping[str, np.ndarray]
"""Named arrays of a split, the first axis the example: `x`, and for most tasks `y`."""
Metrics: TypeAlias = dict[str, float | dict[str, float | None] | None]
"""Numbers by name, or by name and class or target; None where there is none."""
Report: TypeAlias = Mapping[str, str | float | dict[str, float | None] | None]
"""What `evaluate` returns: metrics, counts, and the names of the split and the task."""
LogDensity: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""log p(x) in nats, [N], of rows [N, ...] in the user's units."""
Energy: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""What a motion conserves, [...], of states [..., D] in the user's units."""
Reference: TypeAlias = Mapping[str, list[float]]
"""What a weight file keeps of a model's outputs for the training rows: numbers by name."""
Label: TypeAlias = str | int | float | bool
"""A class as the user has it."""


@runtime_checkable
class ExampleSpec(Protocol):
    """What one example of data looks like, by which a model is built: `zoo.datasets.Spec`."""

    @property
    def kind(self) -> str:
        """The kind of data."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Of each array, without the batch axis."""

    @property
    def sizes(self) -> Mapping[str, int | float | tuple[int, ...] | tuple[float, ...]]:
        """Sizes by name: `in_size`, `classes` where there are some, `targets` of numbers."""

    def size(self, name: str) -> int:
        """A size that is a number; 0 where the data do not have it."""


@runtime_checkable
class Learned(Protocol):
    """What was learned from the training rows, which a weight file keeps: `Preparation`."""

    @property
    def classes(self) -> tuple[Label, ...]:
        """The user's labels, in the order of their indices; () without classes."""

    @property
    def target_names(self) -> tuple[str, ...]:
        """What the targets are called; () where they have no names."""

    @property
    def features(self) -> tuple[str, ...]:
        """What the features of a table are called; () where they have no names."""

    @property
    def word_columns(self) -> tuple[str, ...]:
        """The columns of a table whose words became a 0 and 1 for each; () where there are none."""

    @property
    def channels(self) -> tuple[str, ...]:
        """What the channels of a series are called; () where they have no names."""

    @property
    def period(self) -> float | None:
        """How long a season of a series lasts, in the unit of its prepared times; None without."""

    @property
    def time_unit(self) -> float:
        """What one unit of prepared times is in the user's unit of time."""

    def raw(self, x: np.ndarray) -> np.ndarray:
        """Standardised inputs [..., channels] in the user's units."""

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Standardised targets [N, targets] in the user's units."""

    def log_volume(self, shape: tuple[int, ...]) -> float:
        """log |det dz/dx| of the standardisation x -> z of one input of a shape.

        It is what a log density in standardised units is less than one in the user's.
        """


@runtime_checkable
class Data(Protocol):
    """A data set as its metrics see it: `Dataset`."""

    @property
    def train(self) -> Arrays:
        """The training split."""

    @property
    def preprocessing(self) -> Learned:
        """What was learned from it."""

    @property
    def levels(self) -> Levels:
        """Which numbers of an input take levels."""

    @property
    def log_density(self) -> LogDensity | None:
        """The true log density; None where it is not known."""

    @property
    def law(self) -> PathLaw | None:
        """The true law of random paths; None where it is not known."""

    @property
    def energy(self) -> Energy | None:
        """What the true motion conserves; None where nothing is known to be."""


@dataclass(frozen=True)
class Answer:
    """What a model says of N rows, in the user's units.

    `values` are [N] labels or numbers, or numbers [N, columns], and `names` what their columns are
    called in a table; of N series with an answer at each time they are [N, T, columns]. For
    classes, `probability` is [N, classes]. In an .npz file the values are the array `array`. `more`
    holds other numbers [N] of each row, by the name of their column, or array.
    """

    values: np.ndarray
    names: tuple[str, ...]
    classes: tuple[Label, ...] = ()
    probability: np.ndarray | None = None
    array: str = "prediction"
    more: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """One number that stands for a model on a split, and that of an honest baseline; None where a
    number is not known."""

    figure: str
    """What it is called."""
    score: float | None
    baseline: float | None
