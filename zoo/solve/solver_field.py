"""A field of a `Solver`, declared once: its kind, its bounds, and its option in a configuration.

Everything that goes over a solver's fields reads what is declared here: the range checks, which
numbers become arrays, the schema of `--solver.*`, and what a configuration holds.
"""

from collections.abc import Iterator
from dataclasses import Field, dataclass, fields
from typing import Any, TypeVar, get_args

import equinox as eqx
import jax

from ..schema import Range

_KEY = "solver field"

_Solver = TypeVar("_Solver", bound=Any)


@dataclass(frozen=True)
class Declared:
    """What a field of a `Solver` is declared as, beside its type and default."""

    json: Any = None
    """The type of its option as a JSON value, such as `Annotated[float, TOLERANCE]`; None for what
    is no option."""
    help: str = ""
    """What `--help` says of the option."""
    bounds: Range | None = None
    """What a value is to be within; where not given, the range in `json`."""
    expected: str = ""
    """What an error says was expected; what the bounds say of themselves where empty."""
    is_number: bool = False
    """Whether it is a float that may be an array."""

    @property
    def range(self) -> Range | None:
        """The bounds; None for a field without any."""
        own = (each for each in get_args(self.json) if isinstance(each, Range))
        return self.bounds or next(own, None)


def number(
    json: Any = None, help: str = "", *, bounds: Range | None = None, expected: str = ""
) -> Any:
    """A field that is a number: a float in a model, perhaps an array in a solver that is passed."""
    metadata = {_KEY: Declared(json, help, bounds, expected, is_number=True)}
    return eqx.field(default=None, converter=as_number, metadata=metadata)


def setting(json: Any = None, help: str = "", *, bounds: Range | None = None) -> Any:
    """A field that is static: another value is another program."""
    metadata = {_KEY: Declared(json, help, bounds)}
    return eqx.field(default=None, static=True, metadata=metadata)


def part(json: Any = None, help: str = "") -> Any:
    """A field that is a pytree, such as a method."""
    return eqx.field(default=None, metadata={_KEY: Declared(json, help)})


def declared(kind: Any) -> Iterator[tuple[str, Declared]]:
    """The fields of a `Solver`, or of its class, by name, in their order."""
    for field in fields(kind):
        yield field.name, _declared(field)


def numbers_of(kind: Any) -> tuple[str, ...]:
    """The names of the fields that are numbers."""
    return tuple(name for name, each in declared(kind) if each.is_number)


def options_in(kind: Any) -> dict[str, Declared]:
    """The fields that are options of a configuration, by name."""
    return {name: each for name, each in declared(kind) if each.json is not None}


def unchecked(solver: _Solver, **values: Any) -> _Solver:
    """The solver with other values, of which it is known that they pass its checks.

    Itself where nothing changes.
    """
    mine = {name: getattr(solver, name) for name, _ in declared(solver)}
    if all(value is mine[name] for name, value in values.items()):
        return solver
    copy = object.__new__(type(solver))
    for name, value in {**mine, **values}.items():
        object.__setattr__(copy, name, value)
    return copy


def as_number(value: Any) -> Any:
    """Python numbers and NumPy scalars as Python floats; JAX arrays and tracers as they are.

    `eqx.is_inexact_array` is true of NumPy floats too, and would have them trained and decayed.
    """
    if value is None or isinstance(value, jax.Array):
        return value
    return float(value)


def _declared(field: Field[Any]) -> Declared:
    found: Declared = field.metadata.get(_KEY, Declared())
    return found
