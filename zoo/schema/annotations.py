"""Annotations of options: taken apart, compared with values, and in words."""

import inspect
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal


def type_name(annotation: object) -> str:
    """A type as a reader would say it: `int`, `float or nothing`, `one of a, b`."""
    if annotation is type(None):
        return "nothing"
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if is_union(annotation):
        return " or ".join(type_name(a) for a in arguments)
    if typing.get_origin(annotation) is Mapping:
        return "options by name"
    if typing.get_origin(annotation) is tuple:
        return f"tuple of {type_name(arguments[0])}"
    if typing.get_origin(annotation) is list:
        return f"list of {', '.join(map(type_name, arguments))}"
    return getattr(annotation, "__name__", str(annotation))


def split(annotation: object) -> tuple[object, tuple[object, ...]]:
    """`Annotated[T, ...]`, also inside `... | None`, as (T, markers)."""
    if typing.get_origin(annotation) in (typing.Required, typing.NotRequired):
        return split(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is Annotated:
        plain, *markers = typing.get_args(annotation)
        return plain, tuple(markers)
    if is_union(annotation):
        parts = [split(a) for a in typing.get_args(annotation)]
        markers = [m for _, part in parts for m in part]
        return typing.Union[tuple(p for p, _ in parts)], tuple(markers)  # noqa: UP007
    return annotation, ()


def is_union(annotation: object) -> bool:
    """Whether it is one of several types."""
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def wants_float(annotation: object) -> bool:
    """Whether a whole number is meant as a float."""
    return annotation is float or (is_union(annotation) and float in typing.get_args(annotation))


def matches(value: object, annotation: object) -> bool:
    """Whether a JSON value is of a type."""
    if annotation in (Any, inspect.Parameter.empty):
        return True
    if is_union(annotation):
        return any(matches(value, a) for a in typing.get_args(annotation))
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return value in typing.get_args(annotation)
    kind: Any = origin or annotation
    if kind in (int, float) and isinstance(value, bool):
        return False
    if kind is list and isinstance(value, list):
        return all(matches(each, item) for item in typing.get_args(annotation) for each in value)
    return isinstance(value, kind)
