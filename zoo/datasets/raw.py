"""Arrays as they came, before any split, and whether they fit together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from ..tasks import Energy, LogDensity, PathLaw, Target, target_of, task_named
from .mask import observed, seen_times
from .preparation.inputs import Inputs
from .spec import check_kind
from .stream.source import RowSource

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class RawData:
    """What a data set's builder returns: all examples, as they are, before any split.

    `arrays` hold at least `x`: a table [N, features], images [N, height, width, channels] or series
    [N, length, channels]; `kind` says which where the number of axes does not (see `Spec`). For a
    task of labels, such as classification, `y` is [N] with any labels, for one of numbers, such as
    regression, [N] or [N, targets]; data without targets have none. `weight` [N], 0 or more, is how
    much an example counts in training. `mask`, of the shape of `x` or without its last axes, is 1
    where `x` is observed: what it hides may hold anything. `t`, [N] or [N, length], are times.
    Series may also have `given`, of the shape of `x`, 1 for what of it a model is shown: the rest
    is to be found, by interpolation or forecasting; `static` [N, S], numbers that a series has but
    once; and `inputs` [N, length, U], an input that is known at every time.
    Further names (`args`) are passed on to the losses. `tasks` come with the preferred one first.
    Where x is made of a table, or of anything else, `inputs` stands for it: its categories and
    means are learned after the split, from the training rows: `zoo.datasets.preparation.Inputs`.
    `notes`
    say what was inferred of the data, for the user to know. `held_out` [N] marks examples that are
    the test split, whatever the seed: to test what no training point is like.

    Of `x` a density may be told two things. `quantum` is the spacing of its levels, where all of
    its numbers take levels alone: 1 of bytes (which need not say it), 1/16 of counts divided by 16.
    `log_density` is the true log p(x), in nats, of rows [N, ...] in their own units, where the data
    are drawn from a density that is known. `law` is the true law of random paths, likewise. Of
    other paths, `energy` is what the true motion conserves, [...] of states [..., D] in their own
    units.

    `standardise` is whether the data are standardised where nobody says: False of data in whose
    own units a law holds, such as motions, since that law does not hold for standardised ones.

    Rows that are not to be held in memory are a `source`, see `RowSource`: `arrays` are then empty.
    """

    arrays: Arrays
    tasks: Sequence[str]
    target_names: Sequence[str] = ()
    inputs: Inputs | None = None
    notes: Sequence[str] = ()
    held_out: np.ndarray | None = None
    kind: str | None = None
    quantum: float | None = None
    log_density: LogDensity | None = None
    law: PathLaw | None = None
    energy: Energy | None = None
    standardise: bool = True
    source: RowSource | None = None


def count_examples(raw: RawData, arrays: Arrays) -> int:
    """How many examples there are."""
    return len(arrays["x"]) if raw.inputs is None else len(raw.inputs)


def check_raw(raw: RawData) -> dict[str, np.ndarray]:
    """The arrays, if they fit together and to the tasks. Raises `DataError` where they do not."""
    arrays = {key: np.asarray(value) for key, value in raw.arrays.items()}
    if not raw.tasks:
        raise DataError("The data name no task that they can serve, such as 'classification'.")
    supervised = target_of(raw.tasks) is not Target.NOTHING
    if ("x" in arrays) == (raw.inputs is not None) or (supervised and "y" not in arrays):
        raise DataError(f"The data hold {sorted(arrays)}: expected x, and y for {raw.tasks[0]}.")
    if "x" in arrays and (arrays["x"].ndim < 2 or arrays["x"].size == 0):
        raise DataError(
            f"x has shape {arrays['x'].shape}: expected (examples, features) with examples and "
            "features in it; a single feature is x[:, None]."
        )
    if "x" in arrays:
        check_kind(raw.kind, arrays["x"].shape)
    if raw.quantum is not None and not 0 < raw.quantum < math.inf:
        raise DataError(
            f"quantum = {raw.quantum}: expected the spacing of the levels of x, more than 0. Leave "
            "it out where x is continuous."
        )
    count = count_examples(raw, arrays)
    if supervised:
        _check_tasks(raw.tasks)
        arrays["y"] = _check_targets(arrays["y"], raw)
    for key, values in arrays.items():
        if values.ndim == 0 or len(values) != count:
            raise DataError(f"{key} has shape {values.shape}, x has {count} examples.")
        if key != "y" and values.dtype.kind not in "biufc":
            raise DataError(
                f"{key} holds {values.dtype}, text or objects: expected numbers. Categories of a "
                'table are encoded for you by zoo.load_dataset("csv", path=...).'
            )
        if np.iscomplexobj(values):
            raise DataError(f"{key} is complex: stack real and imaginary part as two features.")
    shown = _shown(arrays)
    for key, values in arrays.items():
        wrong = _not_finite(values, shown.get(key))
        if wrong.any():
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise DataError(
                f"{key}{list(index)} is {values[index]}: expected finite numbers. Drop the example "
                "or fill the value in; an array mask, 1 where x is observed, hides the others."
            )
    check_weight(arrays)
    return arrays


def _shown(arrays: Arrays) -> Arrays:
    """Which entries of arrays that may have hidden ones are observed, by name."""
    seen = observed(arrays)
    times = None if seen is None or "t" not in arrays else seen_times(arrays["t"], seen)
    return {name: each for name, each in (("x", seen), ("t", times)) if each is not None}


def _not_finite(values: np.ndarray, seen: np.ndarray | None) -> np.ndarray:
    """Which entries are no finite numbers, of those that are seen."""
    if values.dtype.kind != "f":
        return np.zeros((), bool)
    return ~np.isfinite(values) & (True if seen is None else seen)


def check_weight(arrays: Arrays) -> None:
    """Raise `DataError` for a `weight` that is not [N] or holds a number below zero."""
    weight = arrays.get("weight")
    if weight is None:
        return
    if weight.ndim != 1:
        raise DataError(
            f"weight has shape {weight.shape}: expected a number for each example, of shape "
            f"({len(weight)},)."
        )
    negative = np.flatnonzero(weight < 0)
    if len(negative):
        index = int(negative[0])
        raise DataError(
            f"weight[{index}] is {weight[index]}: expected 0 or more, how much an example counts "
            "beside the others. Give 0 to leave one out."
        )


def check_taught(train: Arrays) -> None:
    """Raise `DataError` where the weights of all training examples are zero."""
    if "weight" in train and not np.any(train["weight"]):
        raise DataError(
            f"The weights of all {len(train['weight'])} training examples are zero, so that "
            "nothing would be learned: expected some above zero. Leave weight out to count all "
            "alike."
        )


def _check_tasks(names: Sequence[str]) -> None:
    """Raise `DataError` for tasks of which one wants labels and one numbers."""
    looking = [task for task in map(task_named, names) if task.target is not Target.NOTHING]
    first, *others = looking
    for other in others:
        if other.target is not first.target:
            raise DataError(
                f"The data are to serve {first.name}, whose y holds {first.target.name.lower()}, "
                f"and {other.name}, whose y holds {other.target.name.lower()}: expected tasks "
                "that agree. Make two data sets."
            )


def _check_targets(y: np.ndarray, raw: RawData) -> np.ndarray:
    """The targets, words as an array of text."""
    if y.dtype.kind == "O" and all(isinstance(label, str) for label in y.flat):
        y = y.astype(str)
    numbers = target_of(raw.tasks) is Target.NUMBERS
    if not numbers and (y.ndim != 1 or y.dtype.kind not in "biufUTc"):
        raise DataError(
            f"y is {y.dtype} of shape {y.shape}: expected a label for each example, numbers or "
            "text, of shape (examples,)."
        )
    if numbers and y.dtype.kind not in "biufc":
        raise DataError(f"y is {y.dtype}: a regression expects numbers.")
    targets = y.shape[-1] if y.ndim > 1 else 1
    if numbers and raw.target_names and len(raw.target_names) != targets:
        raise DataError(
            f"target_names are {', '.join(raw.target_names)}; y has shape {y.shape}: expected a "
            "name for each target."
        )
    return y
