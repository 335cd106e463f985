"""A user's own arrays, in a file that `numpy.savez` wrote."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

import numpy as np

from ...errors import ConfigError, DataError
from ...registry import register_dataset, unknown
from ...schema import File, Required
from ...tasks import Target
from ..raw import RawData
from ..spec import Spec
from .inference import SERVED, TaskChoice, check_untold, infer_target
from .mapped_arrays import Conversion, MappedRows, mapped_arrays
from .npz_members import read_arrays
from .roles import NONE


@register_dataset("npz")
def npz_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    x: str = "x",
    y: str = "y",
    target: Literal["none"] | None = None,
    task: TaskChoice = "auto",
    images: bool | None = None,
    stream: bool = False,
) -> RawData:
    """Arrays of your own in an .npz file (classification or regression, as the target is).

    What else is in it (weight, args, t, mask), a row for each example, goes to the losses.

    Args:
        path: the file
        x: name of the array of inputs, (examples, features), or of images, (examples, height,
            width, channels)
        y: name of the array of targets, (examples,) or (examples, targets)
        target: none for data without targets; an array named by y is then left out
        task: auto infers it from the target, and says so
        images: whether x of three axes is grey images, (examples, height, width); bytes are, when
            not given
        stream: whether rows stay on disk and are read batch by batch, for more than the memory
            holds; path may then also be a folder of .npy files, an array each
    """
    arrays = mapped_arrays(path) if stream else read_arrays(path)
    supervised = target is None
    if not supervised:
        check_untold(task)
    _check_names(path, arrays, {"x": x, "y": y} if supervised else {"x": x})
    inputs, targets = arrays.pop(x), arrays.pop(y, None)
    as_inputs = partial(_inputs, path, images=images)
    if {"x", "y"} & arrays.keys():
        raise ConfigError(
            f"{path} also holds {', '.join(sorted({'x', 'y'} & arrays.keys()))}, while "
            f"--dataset.x is {x!r} and --dataset.y {y!r}: rename what is neither."
        )
    inputs = inputs if stream else as_inputs(inputs)
    like = as_inputs(inputs[:0]) if stream else inputs
    about = f"{path}: x {(*inputs.shape[:1], *like.shape[1:])}"
    convert = {"x": as_inputs} if stream else None
    if not supervised or targets is None:
        left_out = "" if targets is None else f"; {y} is left out"
        notes = (f"{about}, no targets, as told{left_out}.", *_kind_notes(path, like))
        return _raw({"x": inputs, **arrays}, SERVED[Target.NOTHING], notes, convert)
    read, held, words = array_targets(path, np.asarray(targets), y, task)
    notes = (f"{about}, y {read.shape}.", f"Target {words}", *_kind_notes(path, like))
    if convert is not None:
        convert["y"] = partial(_as_targets, numbers=held is Target.NUMBERS)
    y_values = targets if stream else read
    return _raw({"x": inputs, "y": y_values, **arrays}, SERVED[held], notes, convert)


def _raw(
    arrays: dict[str, np.ndarray],
    tasks: tuple[str, ...],
    notes: tuple[str, ...],
    convert: Mapping[str, Conversion] | None,
) -> RawData:
    """The data in memory; with what becomes of rows that are read, those on disk."""
    if convert is None:
        return RawData(arrays, tasks, notes=notes)
    return RawData({}, tasks, notes=notes, source=MappedRows(arrays, convert))


def _check_names(path: str, arrays: Mapping[str, np.ndarray], names: Mapping[str, str]) -> None:
    """Raise `ConfigError` for an array that is not there, or that is both inputs and targets."""
    held = ", ".join(sorted(arrays))
    ways_out = {"x": "", "y": f" For data without targets, say --dataset.target {NONE}."}
    for option, name in names.items():
        if name not in arrays:
            words = unknown("array", name, sorted(arrays))
            raise ConfigError(
                f"{path}: {words} Name another with --dataset.{option}.{ways_out[option]}"
            )
    if len(set(names.values())) < len(names):
        raise ConfigError(
            f"--dataset.x and --dataset.y are both {names['x']!r}: expected two arrays of {path}, "
            f"which holds {held}."
        )


def _inputs(path: str, x: np.ndarray, images: bool | None) -> np.ndarray:
    """Inputs: images as they are, other whole numbers and truth values as float64.

    Raises `DataError` for what is to be images and has another number of axes.
    """
    if images and x.ndim not in (3, 4):
        raise DataError(
            f"{path}: x has shape {x.shape}, and --dataset.images is on: expected (examples, "
            "height, width), or with channels behind them. Flat ones are reshaped with "
            "x.reshape(len(x), height, width)."
        )
    if x.ndim == 3 and (x.dtype == np.uint8 if images is None else images):
        x = x[..., None]
    pixels = x.ndim == 4 and x.dtype == np.uint8
    return x.astype(np.float64) if x.dtype.kind in "biu" and not pixels else x


def _kind_notes(path: str, x: np.ndarray) -> list[str]:
    """As what inputs of several axes are taken."""
    if x.ndim < 3:
        return []
    words = f"{path}: x is taken as {Spec.of({'x': x})}"
    more = {3: "; for images say --dataset.images True", 4: ""}.get(x.ndim, "")
    return [f"{words}{more}."]


def array_targets(
    path: str, y: np.ndarray, name: str, told: TaskChoice
) -> tuple[np.ndarray, Target, str]:
    """Targets as the task has them, what they hold, and words on it.

    Raises `DataError` for an array of other axes or types, and what `infer_target` does.
    """
    if y.ndim not in (1, 2) or y.dtype.kind not in "biufUT" or not y.size:
        raise DataError(
            f"{path}: {name!r} is {y.dtype} of shape {y.shape}: expected numbers or text, of shape "
            "(examples,) or (examples, targets)."
        )
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and y.dtype.kind in "UT":
        raise DataError(f"{path}: {name!r} holds text, of which there is one target, not several.")
    held, words = infer_target(y, name, told)
    return _as_targets(y, numbers=held is Target.NUMBERS), held, words


def _as_targets(y: np.ndarray, *, numbers: bool) -> np.ndarray:
    """Targets, one of a row as [N], numbers as float64."""
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    return y.astype(np.float64) if numbers else y
