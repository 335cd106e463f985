"""Values that were given, checked against a schema and completed by its defaults."""

import typing
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigError
from ..registry import unknown
from .annotations import split, type_name
from .markers import Nested, Required, Selects
from .options import Option, options_of, shown


def resolve(builder: Callable[..., object], given: object, where: str = "") -> dict[str, Any]:
    """All options of `builder`: the given ones checked, the others at their default, nested too.

    `where` is put before a name in an error, such as `model.`. Raises `ConfigError` for what is no
    mapping, and for an option that does not exist (with the closest one), of a wrong type, out of
    range, or not given where it must be.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(
            f"{where.rstrip('.') or 'options'} = {shown(given)} is a {type(given).__name__}: "
            "expected options by name, of "
            f"{', '.join(options_of(builder)) or 'which there are none'}."
        )
    options = options_of(builder)
    companions = {f"{n}_options" for n, o in options.items() if o.marker(Selects)}
    for name in given:
        if name not in options and name not in companions:
            raise ConfigError(unknown("option", f"{where}{name}", [where + n for n in options]))
    resolved: dict[str, Any] = {}
    for name, option in options.items():
        value = given.get(name, option.default)
        nested = option.marker(Nested)
        if nested is not None:
            inner = {} if value is None else value
            resolved[name] = resolve(nested.builder, inner, f"{name}.")
            continue
        if option.marker(Required) and value == option.default:
            raise ConfigError(f"Give --{where}{name}: {option.help or type_name(option.type)}.")
        resolved[name] = option.check(value, where)
        selects = option.marker(Selects)
        if selects is not None and value is None and given.get(f"{name}_options"):
            raise ConfigError(
                f"{where}{name}_options = {given[f'{name}_options']!r} are options of no "
                f"{selects.registry.kind}: give {where}{name} too."
            )
        if selects is not None and value is not None:
            inner = given.get(f"{name}_options")
            inner = {} if inner is None else inner
            entry = selects.registry[value]
            resolved[f"{name}_options"] = resolve(entry.builder, inner, f"{where}{name}.")
    return resolved


def check_fields(kind: type, values: object, where: str = "") -> None:
    """Check JSON values by name against the fields of a `TypedDict`, whose ranges are annotated.

    Names that `kind` does not have are left alone. Raises `ConfigError` for what is no mapping, a
    field that must be there and is not, and a value of another type or out of range.
    """
    if not isinstance(values, Mapping):
        got = f"{where.rstrip('.') or 'the whole'} is a {type(values).__name__}"
        raise ConfigError(f"{got}: expected names and values.")
    for name, annotation in typing.get_type_hints(kind, include_extras=True).items():
        if name in values:
            plain, markers = split(annotation)
            Option(name, plain, None, "", markers).check(values[name], where)
        elif name in kind.__required_keys__:  # type: ignore[attr-defined]
            expected = type_name(split(annotation)[0])
            raise ConfigError(f"{where}{name} is missing: expected {expected}.")
