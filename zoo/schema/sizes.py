"""The sizes of the data that a builder asks for, by the names of its parameters.

    def patches(in_shape: tuple[int, ...], out_size: int, *, width: Size = 16, key) -> Patches: ...

A positional parameter is the size of its name. A keyword-only one says which size it is:
`Annotated[int, FromData("classes")]`; with a default it is optional. Which sizes there are,
`zoo.datasets.Spec` says.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from ..errors import ConfigError
from .annotations import split, type_name
from .markers import FromData, Layers
from .options import Option

SizeValue: TypeAlias = int | float | tuple[int, ...] | tuple[float, ...]
"""A count, such as the features of an input; a length of time; a shape without its batch axis; or
lengths, such as the spacing of the levels of each number of an input."""

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class SizeParameter:
    """A parameter of a builder that is a size of the data."""

    name: str
    """Of the parameter."""
    size: str
    """Of the size."""
    type: object
    """What the parameter is annotated with, without markers."""
    markers: tuple[object, ...]
    required: bool
    """Whether it has no default."""

    @property
    def layers(self) -> Layers | None:
        """Its marker `Layers`, where the builder makes a layer for each."""
        return next((m for m in self.markers if isinstance(m, Layers)), None)

    def check(self, value: SizeValue) -> SizeValue:
        """The value. Raises `ConfigError` for one of another type or out of its range."""
        Option(self.size, self.type, None, "", self.markers).check(value, "")
        return value


def sizes_of(builder: Callable[..., object]) -> tuple[SizeParameter, ...]:
    """The sizes that a builder asks for, in the order of its parameters.

    Raises `ConfigError` for a parameter that is neither a size, nor an option with a default.
    """
    found = []
    for name, parameter in inspect.signature(builder, eval_str=True).parameters.items():
        plain, markers = split(parameter.annotation)
        size = next((m.size for m in markers if isinstance(m, FromData)), None)
        required = parameter.default is parameter.empty and name != "key"
        if size is None and required and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            size = name
        if size is not None:
            found.append(SizeParameter(name, size, plain, markers, required))
        elif required and parameter.kind is not parameter.VAR_KEYWORD:
            raise ConfigError(
                f"The parameter {name!r} of the builder {getattr(builder, '__name__', builder)!r} "
                "has no value: expected a positional parameter of a size's own name (in_size, "
                'out_size), a keyword of type Annotated[int, FromData("classes")], or an option '
                "with a default."
            )
    return tuple(found)


def missing_sizes(builder: Callable[..., object], sizes: Mapping[str, SizeValue]) -> list[str]:
    """The names of the sizes that a builder cannot do without and that are not in `sizes`."""
    return [each.size for each in sizes_of(builder) if each.required and each.size not in sizes]


def check_sizes(builder: Callable[..., object], sizes: Mapping[str, SizeValue]) -> None:
    """Raise `ConfigError` for a size that a builder needs and that is missing or of another type.

    Sizes that it does not ask for are left alone.
    """
    for each in sizes_of(builder):
        if each.size in sizes:
            each.check(sizes[each.size])
        elif each.required:
            expected = type_name(each.type) if each.type is not inspect.Parameter.empty else "int"
            raise ConfigError(f"{each.size} is missing: expected {expected}.")


def same_size(one: SizeValue | None, other: SizeValue | None) -> bool:
    """Whether two sizes are equal; lengths, which another machine may round otherwise, nearly."""
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return one == other
    if len(one) != len(other):
        return False
    pairs = list(zip(one, other, strict=True))
    whole = all(isinstance(each, int) for pair in pairs for each in pair)
    return all(a == b if whole else math.isclose(a, b, rel_tol=1e-4) for a, b in pairs)


def build(
    builder: Callable[..., _Made],
    sizes: Mapping[str, SizeValue],
    options: Mapping[str, Any],
    **others: object,
) -> _Made:
    """What a builder returns for sizes of the data and resolved options.

    `others` are passed on, such as the `key`. Raises what `check_sizes` does.
    """
    check_sizes(builder, sizes)
    named = {each.name: sizes[each.size] for each in sizes_of(builder) if each.size in sizes}
    return builder(**named, **options, **others)
