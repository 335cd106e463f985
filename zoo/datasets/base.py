"""What a data set is: named arrays in three splits, their spec, and the tasks it can serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ConfigError
from ..schema import SizeValue
from ..tasks import (
    KINDS,
    Energy,
    Levels,
    LogDensity,
    Output,
    PathLaw,
    Target,
    is_registered,
    target_of,
    task_named,
)
from .in_memory import prepared_arrays
from .kept_split import like_of, table_of
from .levels import levels_of
from .preparation import Preparation
from .raw import Arrays, RawData
from .scale import Scale
from .spec import Spec
from .stream.make import prepared_stream
from .stream.sample import sample_of


@dataclass(frozen=True)
class Dataset:
    """Named arrays for training, validation and test, ready for a model.

    `x` is float32, or float64 where JAX had 64 bits when it was made, and, unless told otherwise,
    standardised by the training split; so are numbers in `y`. Images of bytes stay bytes until they
    are asked for (`PixelSplit`). Class labels are indices into
    `classes`, which keeps the original ones. Data without targets have no `y`. Without a held-out
    part (`split="all"`) the three splits are the same points. Splits of rows on disk read them when
    a batch asks for them (`StreamedSplit`); `sampled` has some of them in memory.
    """

    name: str
    train: Arrays
    val: Arrays
    test: Arrays
    preprocessing: Preparation
    """What was learned from the training split."""
    held_out: bool = True
    notes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: str | None = None
    """What the data are, see `Spec`; by the number of axes of `x` where not given."""
    quantum: float | None = None
    """The spacing of the levels of all numbers of `x` in their own units, where it is known."""
    log_density: LogDensity | None = None
    """The true log density of raw rows, where it is known: see `RawData`."""
    law: PathLaw | None = None
    """The true law of the paths, in their own units, where it is known: see `RawData`."""
    energy: Energy | None = None
    """What the true motion conserves, of raw states, where it is known: see `RawData`."""

    @property
    def spec(self) -> Spec:
        """What one example looks like."""
        return Spec.of(like_of(self.train), kind=self.kind, classes=len(self.classes))

    def sizes(self, task: str) -> dict[str, SizeValue]:
        """The sizes that a model for a task may ask for, by name: the spec's and `out_size`.

        `path_size` are the outputs of a task that asks for some at every time of a series, `period`
        how long a season lasts, in the unit of prepared times, where there is one. A task may have
        sizes of its own, such as the `quanta` of a density.
        """
        found = task_named(task)
        sizes = {**self.spec.sizes, **found.sizes(self), "out_size": self.out_size(task)}
        period = self.preprocessing.period
        sizes |= {} if period is None else {"period": float(period)}
        path = found.output is Output.PATH
        return sizes | {"path_size": self.out_size(task)} if path else sizes

    @cached_property
    def levels(self) -> Levels:
        """Which numbers of `x` take levels in the training rows; found when first asked for."""
        return levels_of(sample_of(self.train), self.preprocessing, self.quantum)

    @cached_property
    def sampled(self) -> "Dataset":
        """The data; of those on disk, some rows of each split in memory, see `sample_of`.

        It is what figures draw and what baselines learn from, which look at a split as a whole.
        """
        train, val, test = (sample_of(each) for each in (self.train, self.val, self.test))
        same = train is self.train and val is self.val and test is self.test
        return self if same else replace(self, train=train, val=val, test=test)

    @property
    def tasks(self) -> tuple[str, ...]:
        """What the data can serve, the preferred one first."""
        return self.preprocessing.tasks

    @property
    def classes(self) -> tuple[Any, ...]:
        """The original labels, in the order of their indices; () without classes."""
        return self.preprocessing.classes

    @property
    def target_names(self) -> tuple[str, ...]:
        """What targets that are numbers are called; () where they have no names."""
        return self.preprocessing.target_names

    @property
    def x_scale(self) -> Scale | None:
        """The standardisation of the inputs."""
        return self.preprocessing.x_scale

    @property
    def y_scale(self) -> Scale | None:
        """The standardisation of targets that are numbers."""
        return self.preprocessing.y_scale

    @property
    def in_size(self) -> int:
        """Numbers of an input: features of a table, all of an image, channels of a series."""
        size = self.spec.sizes["in_size"]
        assert isinstance(size, int)
        return size

    @property
    def target(self) -> Target:
        """What `y` holds."""
        return target_of(self.tasks)

    @property
    def target_size(self) -> int:
        """Numbers that a target has; 0 where `y` is absent or holds labels."""
        return self.spec.size("targets") if self.target is Target.NUMBERS else 0

    def out_size(self, task: str) -> int:
        """Outputs that a model needs for a task: see `zoo.tasks.Task.out_size`."""
        return task_named(task).out_size(self.spec)

    def serves(self, task: str) -> bool:
        """Whether a task can be asked for: one of `tasks`, or a registered one for this kind of
        data whose targets these are or that looks at none."""
        if task in self.tasks or not is_registered(task):
            return task in self.tasks
        found = task_named(task)
        fits = found.target in (self.target, Target.NOTHING)
        return self.suits(task) and fits and all(name in self.train for name in found.needs)

    def suits(self, task: str) -> bool:
        """Whether a task is for this kind of data, by its `kinds`: any, for what has no kind."""
        kind = self.spec.kind
        return kind not in KINDS or kind in task_named(task).kinds

    def split(self, name: str) -> Arrays:
        """The arrays of `train`, `val` or `test`. Raises `ConfigError` for another name."""
        if name not in ("train", "val", "test"):
            raise ConfigError(f"There is no split {name!r}: expected train, val or test.")
        return getattr(self, name)

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs as the model wants them."""
        return self.preprocessing.inputs(x)

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Standardised targets in their original unit."""
        return self.preprocessing.targets(y)


def make_dataset(
    raw: RawData,
    *,
    name: str = "data",
    seed: int = 0,
    split: str = "60/20/20",
    standardise: bool | None = None,
) -> Dataset:
    """A `Dataset` of one's own arrays: checked, split, standardised, labels mapped.

    Args:
        raw: the arrays, or a source of rows on disk, and the tasks that they can serve.
        name: what to call it.
        seed: decides the split.
        split: percentages of train/val/test, stratified by class where there are classes; or
            `all`, where every point is in all three.
        standardise: whether `x`, and numbers in `y`, get mean 0 and deviation 1: each feature of a
            table, and each channel of images and series over all places or times. As the data say
            (`RawData.standardise`) where not given.

    Raises `DataError` for arrays that do not fit together or are not finite, and `ConfigError` for
    a split that cannot be made.
    """
    standardise = raw.standardise if standardise is None else standardise
    make = prepared_arrays if raw.source is None else prepared_stream
    made = make(raw, split=split, seed=seed, standardise=standardise)
    train, val, test = made.splits
    of_bytes = table_of(train) is not None
    return Dataset(
        name=name,
        train=train,
        val=val,
        test=test,
        preprocessing=made.learned,
        held_out=split != "all",
        notes=made.notes,
        options={"seed": seed, "split": split, "standardise": standardise},
        kind=raw.kind,
        quantum=1.0 if raw.quantum is None and of_bytes else raw.quantum,
        log_density=raw.log_density,
        law=raw.law,
        energy=raw.energy,
    )
