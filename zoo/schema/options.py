"""One option of a builder, and all of them, read off its signature and docstring."""

import builtins
import inspect
import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import docstring_parser

from ..errors import ConfigError
from .annotations import matches, split, type_name, wants_float
from .markers import FromData
from .ranges import Range

_Marker = TypeVar("_Marker")


@dataclass(frozen=True)
class Option:
    """One option of a builder: its plain type, default, help and markers."""

    name: str
    type: object
    default: object
    help: str
    markers: tuple[object, ...]

    def marker(self, kind: builtins.type[_Marker]) -> _Marker | None:
        """The marker of a kind, or None."""
        found: Any = next((m for m in self.markers if isinstance(m, kind)), None)
        return found

    def check(self, value: object, where: str) -> Any:
        """The value, an int turned to float where a float is wanted. Raises `ConfigError`."""
        if wants_float(self.type) and isinstance(value, int) and not isinstance(value, bool):
            value = _as_float(value)
        if not matches(value, self.type):
            raise ConfigError(
                f"{where}{self.name} = {shown(value)} is a {type(value).__name__}: "
                f"expected {type_name(self.type)}."
            )
        self.check_range(value, where)
        return value

    def takes(self, value: object) -> bool:
        """Whether a value is of the option's type."""
        return matches(value, self.type)

    def check_range(self, value: object, where: str = "") -> None:
        """Raise `ConfigError` for a number out of the option's range; other values pass."""
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            return
        bounds: Range = self.marker(Range) or Range()
        bounds.check(f"{where}{self.name}", value)  # type: ignore[arg-type]


def options_of(builder: Callable[..., object]) -> dict[str, Option]:
    """The options of a builder by name: its keyword-only parameters that have a default.

    One that is a size of the data (`FromData`) is no option.
    """
    parsed = docstring_parser.parse(inspect.getdoc(builder) or "")
    helps = {p.arg_name: " ".join((p.description or "").split()) for p in parsed.params}
    options: dict[str, Option] = {}
    parameters = inspect.signature(builder, eval_str=True).parameters
    for name, parameter in parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.default is parameter.empty:
            continue
        if name.endswith("_options") and name.removesuffix("_options") in parameters:
            continue
        plain, markers = split(parameter.annotation)
        if any(isinstance(marker, FromData) for marker in markers):
            continue  # the data decide it, not the user
        options[name] = Option(name, plain, parameter.default, helps.get(name, ""), markers)
    return options


def shown(value: object, letters: int = 100) -> str:
    """A value as Python writes it, its beginning where it is long."""
    text = repr(value)
    return text if len(text) <= letters else f"{text[:letters]}..."


def _as_float(value: int) -> float:
    """The nearest float; infinite for an integer beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
