"""The sizes of the data in a model's configuration: written, read and checked.

`in_size` and `out_size` are entries of their own, as in every file since the first; what else a
builder asks for is in `sizes`, by name: a number, the list of a shape, or a list of lengths, which
are written as floats.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from ..errors import ConfigError
from ..schema import INT32_MAX, Range, SizeValue, sizes_of

_OWN = ("in_size", "out_size")
_RANGE = Range(1, INT32_MAX)
_LENGTH = Range(0)
_DURATION = Range(0, open_low=True)
_MOST_AXES = 8
Entry: TypeAlias = int | float | list[int] | list[float]
"""A size as JSON has it."""


def sizes_to_json(
    builder: Callable[..., object], sizes: Mapping[str, SizeValue]
) -> dict[str, Entry | dict[str, Entry]]:
    """The entries of a configuration that hold `sizes`: those that `builder` asks for, and the
    lengths of input and output, which tell data that do not fit."""
    asked = {each.size for each in sizes_of(builder)}
    return size_entries({n: v for n, v in sizes.items() if n in asked or n in _OWN})


def size_entries(sizes: Mapping[str, SizeValue]) -> dict[str, Entry | dict[str, Entry]]:
    """The entries of a configuration that hold all of `sizes`; what `sizes_from_json` reads."""
    own = {name: _as_json(sizes[name]) for name in _OWN if name in sizes}
    others = {name: _as_json(sizes[name]) for name in sorted(sizes.keys() - own.keys())}
    return {**own, **({"sizes": others} if others else {})}


def sizes_from_json(config: Mapping[str, Any]) -> dict[str, SizeValue]:
    """The sizes that a configuration holds, by name.

    Raises `ConfigError` for one that is neither a whole number from 1 to 2147483647, nor a list of
    at most 8 of them with a product up to that, nor a length of 0 or more for each number of an
    input or for all of them, nor a fractional number above 0, which is a length of time; and for an
    `in_shape` that does not hold `in_size`.
    """
    others = config.get("sizes", {})
    sizes = {
        name: _from_json(f"sizes.{name}", value, config.get("in_size"))
        for name, value in others.items()
    }
    sizes |= {name: config[name] for name in _OWN if name in config}
    shape, size = sizes.get("in_shape"), sizes.get("in_size")
    if isinstance(shape, tuple) and size is not None and math.prod(shape) != size:
        raise ConfigError(
            f"sizes.in_shape = {list(shape)} holds {math.prod(shape)} numbers: expected {size}, "
            "the in_size."
        )
    return sizes


def _as_json(value: SizeValue) -> Entry:
    return [*value] if isinstance(value, tuple) else value


def _from_json(name: str, value: object, in_size: object) -> SizeValue:
    if isinstance(value, float):
        _DURATION.check(name, value)
        return value
    held = value if isinstance(value, list) else [value]
    if isinstance(value, list) and any(isinstance(each, float) for each in held):
        return _lengths(name, held, in_size)
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


def _lengths(name: str, values: Sequence[object], in_size: object) -> tuple[float, ...]:
    """Lengths of 0 or more, one for each number of an input or for all. Raises `ConfigError`."""
    lengths = [each for each in values if isinstance(each, float)]
    if len(lengths) < len(values) or len(lengths) not in (1, in_size):
        raise ConfigError(
            f"{name} holds {len(values)} lengths: expected one for all numbers of an input, or one "
            f"for each of the {in_size}, written with a decimal point."
        )
    for each in lengths:
        _LENGTH.check(name, each)
    return tuple(lengths)
