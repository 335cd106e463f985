"""A user's own arrays, in a file that `numpy.savez` wrote."""

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np

from ...errors import ConfigError, DataError
from ...registry import register_dataset, unknown
from ...schema import File, Required
from ...tasks import Target
from ..raw import RawData
from ..spec import Spec
from .inference import SERVED, TaskChoice, check_untold, infer_target
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
    """
    arrays = read_arrays(path)
    supervised = target is None
    if not supervised:
        check_untold(task)
    _check_names(path, arrays, {"x": x, "y": y} if supervised else {"x": x})
    inputs, targets = _inputs(path, arrays.pop(x), images), arrays.pop(y, None)
    if {"x", "y"} & arrays.keys():
        raise ConfigError(
            f"{path} also holds {', '.join(sorted({'x', 'y'} & arrays.keys()))}, while "
            f"--dataset.x is {x!r} and --dataset.y {y!r}: rename what is neither."
        )
    about, kind = f"{path}: x {inputs.shape}", _kind_notes(path, inputs)
    if not supervised or targets is None:
        left_out = "" if targets is None else f"; {y} is left out"
        note = f"{about}, no targets, as told{left_out}."
        return RawData({"x": inputs, **arrays}, SERVED[Target.NOTHING], notes=(note, *kind))
    targets, held, words = array_targets(path, targets, y, task)
    notes = (f"{about}, y {targets.shape}.", f"Target {words}", *kind)
    return RawData({"x": inputs, "y": targets, **arrays}, SERVED[held], notes=notes)


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
    return y.astype(np.float64) if held is Target.NUMBERS else y, held, words
