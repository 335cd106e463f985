"""What one example of a data set looks like, and the sizes that a model may ask for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from ..schema import SizeValue

AXES: Mapping[str, tuple[str, ...]] = {
    "table": ("features",),
    "image": ("height", "width", "channels"),
    "series": ("length", "channels"),
    "paths": ("length", "channels"),
}
"""The axes of `x` after the batch axis, for each kind of data in `zoo.tasks.KINDS`.

Of kinds with as many axes, the first is meant where `RawData.kind` does not say which.
"""
SERIES_ARRAYS = ("static", "inputs")
"""What a series may have beside `x`: numbers that it has but once, [N, static], and an input that
is known at each time, [N, length, inputs]. Their last axes are sizes of these names."""
ALONG_TIME = ("t", "x", "mask", "given", "inputs", "dx")
"""The arrays of series whose second axis is the time."""
_WORDS = {
    "table": "rows of {} features",
    "image": "images of {}×{}×{}",
    "series": "series of {} times and {} channels",
    "paths": "paths of {} times and {} channels",
}


@dataclass(frozen=True)
class Spec:
    """What one example looks like: a typed value from which a model's builder gets its sizes.

    `sizes` holds, by name:

    - `in_size`, the numbers of an input: the features of a table, all numbers of an image, the
      channels of a series or path, otherwise the length of the last axis;
    - `in_shape`, the shape of an image;
    - each axis in `AXES` of the kind: `features`; `height`, `width`, `channels`; `length`,
      `channels`;
    - `classes` of a classification, `targets` of a regression;
    - `static` and `inputs` of a series that has such arrays.

    `Dataset.sizes(task)` adds `out_size`, `path_size` for a task whose output is a path, the
    `period` of series with a season, and what a task has of its own: `quanta` for a density, the
    spacing of the levels of each number of an input in the model's units, 0 where it is continuous,
    or one spacing for all.
    """

    kind: str
    """`table`, `image`, `series` or `paths`; `other` for an `x` of other axes."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of each array, without the batch axis."""
    sizes: Mapping[str, SizeValue]

    @classmethod
    def of(
        cls, arrays: Mapping[str, np.ndarray], *, kind: str | None = None, classes: int = 0
    ) -> "Spec":
        """The spec of arrays [N, ...] by name.

        Args:
            arrays: `x`, and `y` where there are targets.
            kind: of the data; by the number of axes of `x` where not given.
            classes: how many there are; 0 where `y` holds no classes.
        """
        shapes = {name: tuple(map(int, values.shape[1:])) for name, values in arrays.items()}
        shape = shapes["x"]
        kind = kind_of(shape) if kind is None else kind
        sizes: dict[str, SizeValue] = {"in_size": shape[-1]}
        if kind == "image":
            sizes |= {"in_size": math.prod(shape), "in_shape": shape}
        sizes |= dict(zip(AXES.get(kind, ()), shape, strict=True)) if kind in AXES else {}
        if kind == "series":
            sizes |= {name: shapes[name][-1] for name in SERIES_ARRAYS if name in shapes}
        if classes:
            sizes["classes"] = classes
        elif shapes.get("y"):
            sizes["targets"] = shapes["y"][-1]
        return cls(kind, shapes, sizes)

    @staticmethod
    def names(kind: str) -> list[str]:
        """The names of the sizes that data of a kind have, whatever their targets are."""
        return ["in_size", *(["in_shape"] if kind == "image" else []), *AXES.get(kind, ())]

    def size(self, name: str) -> int:
        """A size that is a number; 0 where the data do not have it."""
        value = self.sizes.get(name, 0)
        assert isinstance(value, int), f"{name} is a shape"
        return value

    def __str__(self) -> str:
        """The kind and the shape of an input in words, such as `images of 8×8×1`."""
        shape = self.shapes["x"]
        return _WORDS.get(self.kind, f"arrays of {'×'.join(map(str, shape))}").format(*shape)


def kind_of(shape: tuple[int, ...]) -> str:
    """The kind of data whose `x` has this shape without its batch axis."""
    return next((kind for kind, axes in AXES.items() if len(axes) == len(shape)), "other")


def check_kind(kind: str | None, shape: tuple[int, ...]) -> None:
    """Raise `DataError` for a kind that there is not, or an `x` [N, ...] that has other axes.

    `shape` is that of x, with the batch axis.
    """
    if kind is None or (kind in AXES and len(shape) == 1 + len(AXES[kind])):
        return
    if kind not in AXES:
        raise DataError(f"kind = {kind!r}: expected one of {', '.join(AXES)}, or none.")
    raise DataError(
        f"kind = {kind!r} and x has shape {shape}: expected ({', '.join(('N', *AXES[kind]))}). An "
        "image without channels is x[..., None]."
    )
