"""What a data set is: named arrays in three splits, their sizes, and the tasks it can serve."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import ConfigError, DataError

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class RawData:
    """What a data set's builder returns: all examples, as they are, before any split.

    `arrays` hold at least `x`, [N, ..., features]; for classification `y` is [N] with any labels,
    for regression [N] or [N, targets]. Further names (`t`, `mask`, `args`, `weight`) are passed on
    to the losses. `tasks` come with the preferred one first.
    """

    arrays: Arrays
    tasks: Sequence[str]
    target_names: Sequence[str] = ()


@dataclass(frozen=True)
class Scale:
    """x ↦ (x - mean) / std for each feature, learned from the training split."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "Scale":
        """The scale of values [..., features]; a constant feature is only shifted."""
        flat = values.reshape(-1, values.shape[-1]).astype(np.float64)
        std = flat.std(axis=0)
        return cls(flat.mean(axis=0), np.where(std > 0, std, 1.0))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The standardised values."""
        return ((values - self.mean) / self.std).astype(np.float32)

    def invert(self, values: np.ndarray) -> np.ndarray:
        """The values in their original unit."""
        return values * self.std + self.mean


@dataclass(frozen=True)
class Dataset:
    """Named arrays for training, validation and test, ready for a model.

    `x` is float32 and, unless told otherwise, standardised by the training split; so is a
    regression's `y`. Class labels are indices into `classes`, which keeps the original ones.
    Without a held-out part (`split="all"`) the three splits are the same points.
    """

    name: str
    train: Arrays
    val: Arrays
    test: Arrays
    tasks: tuple[str, ...]
    classes: tuple[Any, ...] = ()
    target_names: tuple[str, ...] = ()
    x_scale: Scale | None = None
    y_scale: Scale | None = None
    held_out: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_size(self) -> int:
        """Features of an input (its last axis)."""
        return int(self.train["x"].shape[-1])

    def out_size(self, task: str) -> int:
        """Outputs that a model needs for a task: classes, targets, or the features themselves."""
        if task == "classification":
            return len(self.classes)
        if task == "regression":
            return int(self.train["y"].shape[-1])
        return self.in_size

    def split(self, name: str) -> Arrays:
        """The arrays of `train`, `val` or `test`. Raises `ConfigError` for another name."""
        if name not in ("train", "val", "test"):
            raise ConfigError(f"There is no split {name!r}: expected train, val or test.")
        return getattr(self, name)

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Raw inputs as the model wants them."""
        return self.x_scale.apply(x) if self.x_scale else np.asarray(x, np.float32)

    def targets(self, y: np.ndarray) -> np.ndarray:
        """A regression's predictions in the targets' original unit."""
        return self.y_scale.invert(y) if self.y_scale else y


def make_dataset(
    raw: RawData,
    *,
    name: str = "data",
    seed: int = 0,
    split: str = "60/20/20",
    standardise: bool = True,
) -> Dataset:
    """A `Dataset` of one's own arrays: checked, split, standardised, labels mapped.

    Args:
        raw: the arrays and the tasks that they can serve.
        name: what to call it.
        seed: decides the split.
        split: percentages of train/val/test, stratified by class where there are classes; or
            `all`, where every point is in all three.
        standardise: whether `x`, and a regression's `y`, get mean 0 and deviation 1 by feature.

    Raises `DataError` for arrays that do not fit together or are not finite, and `ConfigError` for
    a split that cannot be made.
    """
    arrays = _check(raw)
    classes: tuple[Any, ...] = ()
    if "classification" in raw.tasks:
        labels, arrays["y"] = np.unique(arrays["y"], return_inverse=True)
        classes = tuple(label.item() for label in labels)
    elif "regression" in raw.tasks and arrays["y"].ndim == 1:
        arrays["y"] = arrays["y"][:, None]
    parts = _split(arrays["y"] if classes else None, len(arrays["x"]), split, seed)
    train = parts[0]
    x_scale = Scale.of(arrays["x"][train]) if standardise else None
    regression = "regression" in raw.tasks
    y_scale = Scale.of(arrays["y"][train]) if standardise and regression else None
    if x_scale is not None:
        arrays["x"] = x_scale.apply(arrays["x"])
    if y_scale is not None:
        arrays["y"] = y_scale.apply(arrays["y"])
    arrays = {key: _narrow(value) for key, value in arrays.items()}
    splits = [{key: value[part] for key, value in arrays.items()} for part in parts]
    return Dataset(
        name=name,
        train=splits[0],
        val=splits[1],
        test=splits[2],
        tasks=tuple(raw.tasks),
        classes=classes,
        target_names=tuple(raw.target_names),
        x_scale=x_scale,
        y_scale=y_scale,
        held_out=split != "all",
        options={"seed": seed, "split": split, "standardise": standardise},
    )


def _narrow(values: np.ndarray) -> np.ndarray:
    kind = {"f": np.float32, "i": np.int32, "u": np.int32}.get(values.dtype.kind)
    return values if kind is None else values.astype(kind)


def _check(raw: RawData) -> dict[str, np.ndarray]:
    arrays = {key: np.asarray(value) for key, value in raw.arrays.items()}
    if not raw.tasks:
        raise DataError("The data name no task that they can serve, such as 'classification'.")
    supervised = not {"classification", "regression"}.isdisjoint(raw.tasks)
    if "x" not in arrays or (supervised and "y" not in arrays):
        raise DataError(f"The data hold {sorted(arrays)}: expected x, and y for {raw.tasks[0]}.")
    if arrays["x"].ndim < 2 or len(arrays["x"]) == 0:
        raise DataError(
            f"x has shape {arrays['x'].shape}: expected (examples, features) with examples in it; "
            "a single feature is x[:, None]."
        )
    for key, values in arrays.items():
        if values.ndim == 0 or len(values) != len(arrays["x"]):
            raise DataError(f"{key} has shape {values.shape}, x has {len(arrays['x'])} examples.")
        if np.iscomplexobj(values):
            raise DataError(f"{key} is complex: stack real and imaginary part as two features.")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            raise DataError(
                f"{key}{list(index)} is {values[index]}: expected finite numbers. Drop the example "
                "or fill the value in; a model of masked series takes a mask instead."
            )
    return arrays


def _split(labels: np.ndarray | None, count: int, split: str, seed: int) -> list[np.ndarray]:
    """The indices of the three splits, each in random order."""
    if split == "all":
        return [np.arange(count)] * 3
    try:
        shares = np.array([float(part) for part in split.split("/")])
    except ValueError:
        shares = np.array([])
    if shares.shape != (3,) or not (shares > 0).all() or not math.isclose(shares.sum(), 100):
        raise ConfigError(
            f"split = {split!r}: expected three positive percentages that add up to 100, such as "
            "60/20/20, or all."
        )
    rng = np.random.default_rng(seed)
    groups = [np.arange(count)]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    parts: list[list[np.ndarray]] = [[], [], []]
    for group in groups:
        cuts = np.round(np.cumsum(shares[:2]) / 100 * len(group)).astype(int)
        for part, piece in zip(parts, np.split(rng.permutation(group), cuts), strict=True):
            part.append(piece)
    joined = [rng.permutation(np.concatenate(part)) for part in parts]
    if min(map(len, joined)) == 0:
        raise ConfigError(
            f"{count} examples leave a split of {split} empty: give more examples or split='all'."
        )
    return joined
