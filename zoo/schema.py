"""A builder's signature, read as the one schema of its options.

The command line, `config.json`, `--help` and the errors all come from here. An option is a
keyword-only parameter with a default; its range and nesting are said with `Annotated`:

    def builder(size: int, *, width: PositiveInt = 64, dynamics: Annotated[str, Selects(...)] = ...)
"""

import inspect
import math
import numbers
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import docstring_parser

from .errors import ConfigError
from .registry import Entry, Registry, unknown

INT32_MAX = 2**31 - 1
"""The largest integer of 32 bits, in which steps and sizes are counted."""


@dataclass(frozen=True)
class Range:
    """Bounds of a number: `low <= x <= high`; `low < x` where `open_low`, `x < high` likewise.

    A number is finite, unless `finite=False`. An integer is at most `INT32_MAX` in size, unless a
    `high` of its own says otherwise.
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    finite: bool = True

    def check(self, name: str, value: float) -> None:
        """Raise `ConfigError` where `value` is outside, NaN included."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        if not (above and below):
            raise ConfigError(f"{name} = {value!r} is out of range: expected {self}.")
        whole = isinstance(value, numbers.Integral)
        if whole and math.isinf(self.high) and abs(value) > INT32_MAX:
            raise ConfigError(
                f"{name} = {value!r} is out of range: expected at most {INT32_MAX}, the largest "
                "integer of 32 bits."
            )
        if not whole and self.finite and math.isinf(value):
            raise ConfigError(f"{name} = {value!r} is out of range: expected a finite number.")

    def __str__(self) -> str:
        low = f"{'more than' if self.open_low else 'at least'} {_plainly(self.low)}"
        high = f"{'less than' if self.open_high else 'at most'} {_plainly(self.high)}"
        pairs = ((low, self.low), (high, self.high))
        return " and ".join(words for words, end in pairs if math.isfinite(end)) or "a number"


def _plainly(bound: float) -> str:
    return str(int(bound)) if math.isfinite(bound) and bound == int(bound) else f"{bound:g}"


@dataclass(frozen=True)
class Selects:
    """The option names an entry of a registry; `<option>_options` holds that builder's options."""

    registry: Registry


@dataclass(frozen=True)
class Nested:
    """The option is a mapping of another builder's options (the solver's, say)."""

    builder: Callable[..., Any]


@dataclass(frozen=True)
class File:
    """The option is the path of a file that is read, which a run may lie beside."""


@dataclass(frozen=True)
class Layers:
    """The option counts layers that are built one after another, each with arrays of its own.

    `more` layers come in any case. Where the option `shared` is on, one is built for all.
    """

    more: int = 0
    shared: str | None = None


@dataclass(frozen=True)
class Required:
    """The option must be given: its default, such as an empty path, stands for nothing."""


PositiveInt = Annotated[int, Range(1)]
NonNegativeInt = Annotated[int, Range(0)]
PositiveFloat = Annotated[float, Range(0, open_low=True)]
NonNegativeFloat = Annotated[float, Range(0)]
Fraction = Annotated[float, Range(0, 1)]
SEED = Range(0, 2**32 - 1)
"""What NumPy and JAX both draw from: NumPy takes none below zero, JAX drops bits above 32."""
Seed = Annotated[int, SEED]
Size = Annotated[int, Range(1, 1_000_000)]
"""How many of something there are at once: units of a layer, examples made up, steps kept."""
Padding = Annotated[int, Range(0, 1_000_000)]
"""A `Size`, or 0 for none."""
Depth = Annotated[int, Range(0, 10_000), Layers(more=1)]
"""Hidden layers of a dense net; one without an activation comes after them."""


@dataclass(frozen=True)
class Option:
    """One option of a builder: its plain type, default, help and markers."""

    name: str
    type: Any
    default: Any
    help: str
    markers: tuple[Any, ...]

    def marker(self, kind: type) -> Any:
        """The marker of a kind, or None."""
        return next((m for m in self.markers if isinstance(m, kind)), None)

    def check(self, value: Any, where: str) -> Any:
        """The value, an int turned to float where a float is wanted. Raises `ConfigError`."""
        if _wants_float(self.type) and isinstance(value, int) and not isinstance(value, bool):
            value = _as_float(value)
        if not _matches(value, self.type):
            raise ConfigError(
                f"{where}{self.name} = {shown(value)} is a {type(value).__name__}: "
                f"expected {type_name(self.type)}."
            )
        self.check_range(value, where)
        return value

    def check_range(self, value: Any, where: str = "") -> None:
        """Raise `ConfigError` for a number out of the option's range; other values pass."""
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            return
        bounds: Range = self.marker(Range) or Range()
        bounds.check(f"{where}{self.name}", value)  # type: ignore[arg-type]


def options_of(builder: Callable[..., Any]) -> dict[str, Option]:
    """The options of a builder by name: its keyword-only parameters that have a default."""
    parsed = docstring_parser.parse(inspect.getdoc(builder) or "")
    helps = {p.arg_name: " ".join((p.description or "").split()) for p in parsed.params}
    options: dict[str, Option] = {}
    parameters = inspect.signature(builder, eval_str=True).parameters
    for name, parameter in parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY or parameter.default is parameter.empty:
            continue
        if name.endswith("_options") and name.removesuffix("_options") in parameters:
            continue
        plain, markers = _split(parameter.annotation)
        options[name] = Option(name, plain, parameter.default, helps.get(name, ""), markers)
    return options


def resolve(
    builder: Callable[..., Any], given: Mapping[str, Any], where: str = ""
) -> dict[str, Any]:
    """All options of `builder`: the given ones checked, the others at their default, nested too.

    `where` is put before a name in an error, such as `model.`. Raises `ConfigError` for an option
    that does not exist (with the closest one), of a wrong type, out of range, or not given where it
    must be.
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
            plain, markers = _split(annotation)
            Option(name, plain, None, "", markers).check(values[name], where)
        elif name in kind.__required_keys__:  # type: ignore[attr-defined]
            expected = type_name(_split(annotation)[0])
            raise ConfigError(f"{where}{name} is missing: expected {expected}.")


def file_options(builder: Callable[..., Any]) -> list[str]:
    """The options that are paths of files to read."""
    return [name for name, option in options_of(builder).items() if option.marker(File)]


def least_layers(builder: Callable[..., Any], options: Mapping[str, Any]) -> int:
    """How many layers, each with arrays, a builder makes at least of resolved options.

    As far as `Layers` says: one where no option counts any. Nothing is built.
    """
    count, inner = 1, 0
    for name, option in options_of(builder).items():
        layers, selects = option.marker(Layers), option.marker(Selects)
        if layers is not None:
            alone = layers.shared is not None and options[layers.shared]
            count *= 1 if alone else options[name] + layers.more
        if selects is not None and options[name] is not None:
            entry = selects.registry[options[name]]
            inner += least_layers(entry.builder, options[f"{name}_options"])
    return max(count, inner)


def required_options(builder: Callable[..., Any]) -> list[str]:
    """The options without which nothing can be built, such as the path of a file."""
    return [name for name, option in options_of(builder).items() if option.marker(Required)]


def selected(builder: Callable[..., Any], options: Mapping[str, Any]) -> Iterator[Entry]:
    """The entries of registries that resolved `options` of a builder name, nested ones too."""
    for name, option in options_of(builder).items():
        selects, value = option.marker(Selects), options.get(name)
        if selects is not None and value is not None:
            entry = selects.registry[value]
            yield entry
            yield from selected(entry.builder, options.get(f"{name}_options") or {})


def type_name(annotation: Any) -> str:
    """A type as a reader would say it: `int`, `float or nothing`, `one of a, b`."""
    if annotation is type(None):
        return "nothing"
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if _is_union(annotation):
        return " or ".join(type_name(a) for a in arguments)
    if typing.get_origin(annotation) is Mapping:
        return "options by name"
    if typing.get_origin(annotation) is list:
        return f"list of {', '.join(map(type_name, arguments))}"
    return getattr(annotation, "__name__", str(annotation))


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


def _split(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """`Annotated[T, ...]`, also inside `... | None`, as (T, markers)."""
    if typing.get_origin(annotation) in (typing.Required, typing.NotRequired):
        return _split(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is Annotated:
        plain, *markers = typing.get_args(annotation)
        return plain, tuple(markers)
    if _is_union(annotation):
        parts = [_split(a) for a in typing.get_args(annotation)]
        markers = [m for _, part in parts for m in part]
        return typing.Union[tuple(p for p, _ in parts)], tuple(markers)  # noqa: UP007
    return annotation, ()


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _wants_float(annotation: Any) -> bool:
    return annotation is float or (_is_union(annotation) and float in typing.get_args(annotation))


def _matches(value: Any, annotation: Any) -> bool:
    if annotation in (Any, inspect.Parameter.empty):
        return True
    if _is_union(annotation):
        return any(_matches(value, a) for a in typing.get_args(annotation))
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return value in typing.get_args(annotation)
    kind = origin or annotation
    if kind in (int, float) and isinstance(value, bool):
        return False
    if kind is list and isinstance(value, list):
        return all(_matches(each, item) for item in typing.get_args(annotation) for each in value)
    return isinstance(value, kind)
