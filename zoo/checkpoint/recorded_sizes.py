"""The sizes of the data in a model's configuration: written, read and checked.

`in_size` and `out_size` are entries of their own, as in every file since the first; what else a
builder asks for is in `sizes`, by name.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ..errors import ConfigError
from ..schema import INT32_MAX, Range, SizeValue, sizes_of

_OWN = ("in_size", "out_size")
_RANGE = Range(1, INT32_MAX)
_LENGTH = Range(0, open_low=True)
_MOST_AXES = 8

JsonSize: TypeAlias = int | float | list[int]
SizeEntries: TypeAlias = dict[str, int | dict[str, JsonSize]]


def sizes_to_json(builder: Callable[..., object], sizes: Mapping[str, SizeValue]) -> SizeEntries:
    """The entries of a configuration that hold `sizes`: those that `builder` asks for, and the
    lengths of input and output, which tell data that do not fit."""
    asked = {each.size for each in sizes_of(builder)}
    return size_entries({n: v for n, v in sizes.items() if n in asked or n in _OWN})


def size_entries(sizes: Mapping[str, SizeValue]) -> SizeEntries:
    """The entries of a configuration that hold all of `sizes`; what `sizes_from_json` reads."""
    own = {name: sizes[name] for name in _OWN if name in sizes}
    others = {name: _as_json(sizes[name]) for name in sorted(sizes.keys() - own.keys())}
    return {**own, **({"sizes": others} if others else {})}  # type: ignore[dict-item]


def sizes_from_json(config: Mapping[str, Any]) -> dict[str, SizeValue]:
    """The sizes that a configuration holds, by name.

    Raises `ConfigError` for one that is neither a whole number from 1 to 2147483647, nor a list of
    at most 8 of them with a product up to that, nor a fractional number above 0, which is a length
    of time; and for an `in_shape` that does not hold `in_size`.
    """
    others = config.get("sizes", {})
    sizes = {name: _from_json(f"sizes.{name}", value) for name, value in others.items()}
    sizes |= {name: config[name] for name in _OWN if name in config}
    shape, size = sizes.get("in_shape"), sizes.get("in_size")
    if isinstance(shape, tuple) and size is not None and math.prod(shape) != size:
        raise ConfigError(
            f"sizes.in_shape = {list(shape)} holds {math.prod(shape)} numbers: expected {size}, "
            "the in_size."
        )
    return sizes


def _as_json(value: SizeValue) -> JsonSize:
    return list(value) if isinstance(value, tuple) else value


def _from_json(name: str, value: object) -> SizeValue:
    if isinstance(value, float):
        _LENGTH.check(name, value)
        return value
    held = value if isinstance(value, list) else [value]
    numbers = [each for each in held if isinstance(each, int) and not isinstance(each, bool)]
    if not 1 <= len(held) <= _MOST_AXES or len(numbers) < len(held):
        raise ConfigError(
            f"{name} is a {type(value).__name__}: expected a number, or a list of 1 to "
            f"{_MOST_AXES} of them."
        )
    for each in numbers:
        _RANGE.check(name, each)
    _RANGE.check(f"the product of {name}", math.prod(numbers))
    return tuple(numbers) if isinstance(value, list) else numbers[0]
