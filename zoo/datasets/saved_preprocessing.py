"""What a weight file says was learned from the training rows, checked before it is used."""

import math
import sys
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from ..errors import ConfigError
from ..schema import NonNegativeInt, PositiveInt, check_fields
from .column import Missing

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
    if task == "classification":
        _check_length("classes", len(values["classes"]), out_size)
    if task == "regression":
        _check_scale("y_scale", values["y_scale"], out_size)
        _check_length("target_names", len(values["target_names"]) or out_size, out_size)


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
