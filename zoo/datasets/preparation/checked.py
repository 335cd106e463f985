"""What a weight file says was learned of inputs, checked before it is used."""

import math
import sys
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np

from ...errors import ConfigError
from ...schema import NonNegativeInt, PositiveInt, check_fields
from ..files.column import Missing

Values = Mapping[str, Any]


class _Scales(TypedDict):
    x_scale: Values | None
    t_scale: NotRequired[Values | None]


class _Series(TypedDict):
    static_scale: NotRequired[Values | None]
    inputs_scale: NotRequired[Values | None]
    channel_names: NotRequired[list[str]]
    season: NotRequired[float | None]
    origin: NotRequired[Literal["series", "global"] | None]
    columns: NotRequired[Values | None]


class _SeriesColumns(TypedDict):
    id: str | None
    time: str
    values: list[str]
    static: list[str]
    inputs: list[str]
    clock: Values


class _Clock(TypedDict):
    start: str | None


class _Bounds(TypedDict):
    low: NotRequired[float | None]
    high: NotRequired[float | None]


class _Scale(TypedDict):
    mean: list[int | float]
    std: list[int | float]


class _TimeScale(TypedDict):
    start: int | float
    length: float


class _Table(TypedDict):
    columns: Values | None


class _Columns(TypedDict):
    columns: list[Values]
    width: PositiveInt
    header: bool
    missing: Missing


class _Column(TypedDict):
    name: str
    position: NonNegativeInt
    categories: list[str] | None
    fill: list[int | float] | None


def check_scales(values: Values, size: int) -> None:
    """Raise `ConfigError` for a scale of `x` of another size, or scales that are none."""
    check_fields(_Scales, values)
    check_scale("x_scale", values["x_scale"], size)
    times = values.get("t_scale")
    if times is None:
        return
    check_fields(_TimeScale, times, "t_scale.")
    _check_numbers("t_scale", [times["start"], times["length"]])
    if not times["length"] > 0:
        raise ConfigError(f"t_scale.length = {times['length']}: expected more than 0.")


def check_series(values: Values, size: int) -> None:
    """Raise `ConfigError` for what a series has beside `x` and cannot be: scales, names, season."""
    check_fields(_Series, values)
    for name in ("static_scale", "inputs_scale"):
        scale = values.get(name)
        if scale is not None:
            check_scale_fields(name, scale)
            check_scale(name, scale, len(scale["mean"]))
    _check_series_columns(values, size)
    names, season = values.get("channel_names"), values.get("season")
    if names:
        check_length("channel_names", len(names), size)
    if season is not None and not 0 < season < math.inf:
        raise ConfigError(f"season = {season}: expected more than 0, or none.")


def _check_series_columns(values: Values, size: int) -> None:
    """Raise `ConfigError` for columns of a long table that are none, or not those of the scales."""
    columns = values.get("columns")
    if columns is None:
        return
    check_fields(_SeriesColumns, columns, "columns.")
    check_fields(_Clock, columns["clock"], "columns.clock.")
    start = columns["clock"]["start"]
    if start is not None:
        try:
            known = not np.isnat(np.datetime64(start))
        except ValueError:
            known = False
        if not known:
            raise ConfigError(f"columns.clock.start = {start!r}: expected a date, or none.")
    check_length("columns.values", len(columns["values"]), size)
    for name in ("static", "inputs"):
        scale = values.get(f"{name}_scale")
        if scale is not None:
            check_length(f"columns.{name}", len(columns[name]), len(scale["mean"]))


def check_bounds(values: Values) -> None:
    """Raise `ConfigError` for a range `low` to `high` that is none; version 1 has none."""
    check_fields(_Bounds, values)
    _check_numbers("low and high", [v for n in ("low", "high") if (v := values.get(n)) is not None])


def check_scale(name: str, values: Values | None, size: int) -> None:
    """Raise `ConfigError` for a scale of another size, or that is none."""
    if values is None:
        return
    check_scale_fields(name, values)
    for part in ("mean", "std"):
        check_length(f"{name}.{part}", len(values[part]), size)
        _check_numbers(f"{name}.{part}", values[part])
    if not all(value > 0 for value in values["std"]):
        raise ConfigError(f"{name}.std holds {min(values['std'])}: expected more than 0.")


def check_columns(values: Values, size: int) -> None:
    """Raise `ConfigError` for `columns` of another number of features, or that are none."""
    check_fields(_Table, values)
    values = values["columns"]
    if values is None:
        return
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
        check_length(f"{where}categories", len(set(categories or range(width))), width)
        if fill is not None:
            check_length(f"{where}fill", len(fill), width)
            _check_numbers(f"{where}fill", fill)
        features += width
    check_length("columns", features, size)


def check_scale_fields(name: str, values: object) -> None:
    """Raise `ConfigError` for what is no scale."""
    check_fields(_Scale, values, f"{name}.")


def check_length(name: str, got: int, expected: int) -> None:
    """Raise `ConfigError` for another length than the model has."""
    if got != expected:
        raise ConfigError(f"{name} is of size {got}: expected {expected}, as the model has.")


def _check_numbers(name: str, values: list[int | float]) -> None:
    for value in values:
        if not abs(value) <= sys.float_info.max:  # an integer may be beyond all floats
            raise ConfigError(f"{name} holds {value}: expected finite numbers.")


def kind_of_saved(values: Mapping[str, Any]) -> str:
    """The kind of saved JSON values; version 1 has images of kind image, all else of kind table."""
    return str(values.get("kind", "image" if values.get("in_shape") else "table"))
