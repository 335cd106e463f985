"""A user's own arrays, in a file that `numpy.savez` wrote."""

from typing import Annotated

import numpy as np

from ..errors import ConfigError, DataError
from ..registry import register_dataset, unknown
from ..schema import File, Required
from .inference import Told, infer_task
from .npz_members import read_arrays
from .raw import RawData
from .spec import Spec


@register_dataset("npz")
def npz_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    x: str = "x",
    y: str = "y",
    task: Told = "auto",
) -> RawData:
    """Arrays of your own in an .npz file (classification or regression, as the target is).

    What else is in it (weight, args, t, mask), a row for each example, goes to the losses.

    Args:
        path: the file
        x: name of the array of inputs, (examples, features), or of images, (examples, height,
            width, channels)
        y: name of the array of targets, (examples,) or (examples, targets)
        task: auto infers it from the target, and says so
    """
    arrays = read_arrays(path)
    for option, name in (("x", x), ("y", y)):
        if name not in arrays:
            words = unknown("array", name, sorted(arrays))
            raise ConfigError(f"{path}: {words} Name another with --dataset.{option}.")
    if x == y:
        raise ConfigError(
            f"--dataset.x and --dataset.y are both {x!r}: expected two arrays of {path}, which "
            f"holds {', '.join(sorted(arrays))}."
        )
    inputs, targets = arrays.pop(x), arrays.pop(y)
    if {"x", "y"} & arrays.keys():
        raise ConfigError(
            f"{path} also holds {', '.join(sorted({'x', 'y'} & arrays.keys()))}, while "
            f"--dataset.x is {x!r} and --dataset.y {y!r}: rename what is neither."
        )
    if inputs.dtype.kind in "biu":
        inputs = inputs.astype(np.float64)
    targets, chosen, words = _targets(path, targets, y, task)
    return RawData(
        {"x": inputs, "y": targets, **arrays},
        ("classification", "density") if chosen == "classification" else ("regression",),
        notes=(
            f"{path}: x {inputs.shape}, y {targets.shape}.",
            f"Target {words}",
            *_kind_notes(path, inputs),
        ),
    )


def _kind_notes(path: str, x: np.ndarray) -> list[str]:
    """As what inputs of several axes are taken."""
    if x.ndim < 3:
        return []
    words = f"{path}: x is taken as {Spec.of({'x': x})}"
    more = "" if x.ndim != 3 else "; images without channels are saved as x[..., None]"
    return [f"{words}{more}."]


def _targets(path: str, y: np.ndarray, name: str, told: Told) -> tuple[np.ndarray, str, str]:
    """Targets as the task has them, the task, and words on it."""
    if y.ndim not in (1, 2) or y.dtype.kind not in "biufUT" or not y.size:
        raise DataError(
            f"{path}: {name!r} is {y.dtype} of shape {y.shape}: expected numbers or text, of shape "
            "(examples,) or (examples, targets)."
        )
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2 and y.dtype.kind in "UT":
        raise DataError(f"{path}: {name!r} holds text, of which there is one target, not several.")
    chosen, words = infer_task(y, name, told)
    return y.astype(np.float64) if chosen == "regression" else y, chosen, words
