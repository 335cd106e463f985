"""What a weight file says was learned from the training rows, checked before it is used."""

import math
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NotRequired, TypedDict

from ..errors import ConfigError
from ..schema import NonNegativeInt, PositiveInt, check_fields
from ..tasks import Label, Target, Task, task_named
from .files.column import Missing

_Values = Mapping[str, Any]


class _Preprocessing(TypedDict):
    tasks: list[str]
    in_size: PositiveInt
    in_shape: NotRequired[list[int]]
    classes: list[str | int | float | bool]
    target_names: list[str]
    x_scale: _Values | None
    y_scale: _Values | None
    columns: _Values | None


class _Scale(TypedDict):
    mean: list[int | float]
    std: list[int | float]


class _Columns(TypedDict):
    columns: list[_Values]
    width: PositiveInt
    header: bool
    missing: Missing


class _Column(TypedDict):
    name: str
    position: NonNegativeInt
    categories: list[str] | None
    fill: list[int | float] | None


def check_preprocessing(values: object, task: str | None, in_size: int, out_size: int) -> None:
    """Raise `ConfigError` for JSON values from which no `Preprocessing` of a model can be made.

    Args:
        values: what `Preprocessing.to_json` writes.
        task: what the model is for.
        in_size: length of its input.
        out_size: length of its output.
    """
    check_fields(_Preprocessing, values)
    assert isinstance(values, Mapping)
    _check_length("in_size", values["in_size"], in_size)
    shape = values.get("in_shape", [in_size])
    if min(shape, default=0) < 1 or math.prod(shape) != in_size:
        raise ConfigError(f"in_shape = {shape}: expected the {in_size} numbers of an input.")
    _check_scale("x_scale", values["x_scale"], shape[-1])
    if values["columns"] is not None:
        _check_columns(values["columns"], in_size)
    if values["y_scale"] is not None:  # read whatever the task is
        check_fields(_Scale, values["y_scale"], "y_scale.")
    if task is not None:
        _check_targets(values, task_named(task), out_size)


class _Saved(NamedTuple):
    """The sizes of the data that a weight file was trained on."""

    in_size: int
    target_size: int
    classes: list[Label]


def _check_targets(values: _Values, task: Task, out_size: int) -> None:
    """Raise `ConfigError` for classes or targets that need other outputs than the model has."""
    scale, names, classes = values["y_scale"], values["target_names"], values["classes"]
    if task.target is Target.LABELS:
        needed = task.out_size(_Saved(values["in_size"], 0, classes))
        _check_length("classes", needed, out_size)
    if task.target is Target.NUMBERS:
        known = {"target_names": len(names), "y_scale": len(scale["mean"]) if scale else 0}
        for name, size in known.items():
            if size:
                needed = task.out_size(_Saved(values["in_size"], size, classes))
                _check_length(name, needed, out_size)
        _check_scale("y_scale", scale, known["y_scale"])


def _check_scale(name: str, values: _Values | None, size: int) -> None:
    if values is None:
        return
    check_fields(_Scale, values, f"{name}.")
    for part in ("mean", "std"):
        _check_length(f"{name}.{part}", len(values[part]), size)
        _check_numbers(f"{name}.{part}", values[part])
    if not all(value > 0 for value in values["std"]):
        raise ConfigError(f"{name}.std holds {min(values['std'])}: expected more than 0.")


def _check_columns(values: _Values, size: int) -> None:
    check_fields(_Columns, values, "columns.")
    features = 0
    for number, column in enumerate(values["columns"]):
        where = f"columns[{number}]."
        check_fields(_Column, column, where)
        if column["position"] >= values["width"]:
            raise ConfigError(
                f"{where}position = {column['position']}: expected less than the {values['width']} "
                "columns of the table."
            )
        categories, fill = column["categories"], column["fill"]
        width = 1 if categories is None else len(categories)
        _check_length(f"{where}categories", len(set(categories or range(width))), width)
        if fill is not None:
            _check_length(f"{where}fill", len(fill), width)
            _check_numbers(f"{where}fill", fill)
        features += width
    _check_length("columns", features, size)


def _check_length(name: str, got: int, expected: int) -> None:
    if got != expected:
        raise ConfigError(f"{name} is of size {got}: expected {expected}, as the model has.")


def _check_numbers(name: str, values: list[int | float]) -> None:
    for value in values:
        if not abs(value) <= sys.float_info.max:  # an integer may be beyond all floats
            raise ConfigError(f"{name} holds {value}: expected finite numbers.")
