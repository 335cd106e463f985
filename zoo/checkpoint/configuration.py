"""What a weight file says of its model and its run: every entry of the kind that it is used as.

A file can hold anything, and its digest with it. Nothing is built, opened or looked up here.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from ..errors import CheckpointError, ConfigError
from ..schema import (
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Range,
    Seed,
    SizeValue,
    check_fields,
    least_layers,
)
from .recorded_sizes import sizes_from_json

_DEEPEST = 32
"""Lists and mappings in one another: what the zoo writes has six."""

Choice: TypeAlias = Literal["keep", "stretch", "restart"]
"""What becomes of a schedule where a run goes on with other steps or another learning rate."""
_Length = Annotated[int, Range(1, 2**31 - 1)]
_Source = TypedDict("_Source", {"from": NotRequired[str]})


class _Sizes(TypedDict):
    """What a configuration holds whose model asks for no other sizes, as all did at first."""

    in_size: _Length
    out_size: _Length


class ModelEntries(TypedDict):
    """A model by name, as `zoo.model_config` makes it."""

    model: str
    in_size: NotRequired[_Length]
    out_size: NotRequired[_Length]
    sizes: NotRequired[Mapping[str, Any]]
    """What else of the data the builder asks for, see `zoo.checkpoint.recorded_sizes`."""
    options: Mapping[str, Any]
    task: NotRequired[str | None]
    use: NotRequired[list[str]]


class RunEntries(ModelEntries, _Source):
    """What a training run adds: its data, how it was trained, and what it was resumed with."""

    recipe: NotRequired[str | None]
    dataset: NotRequired[str]
    dataset_options: NotRequired[Mapping[str, Any]]
    training: NotRequired[Mapping[str, Any]]
    init: NotRequired[str]
    seed: NotRequired[Seed]
    split_seed: NotRequired[Seed]
    classes: NotRequired[list[str | int | float | bool]]
    preprocessing: NotRequired[Mapping[str, Any] | None]
    x64: NotRequired[bool]
    resumed: NotRequired[list[Mapping[str, Any]]]


class Change(TypedDict):
    """What a run was resumed with, see `zoo.train.schedules`."""

    step: NonNegativeInt
    update: NonNegativeInt
    schedule: Choice
    steps: PositiveInt
    lr: PositiveFloat


def check_config(config: object, path: object) -> None:
    """Raise `CheckpointError` for an entry of a file's configuration that is of another kind.

    With what was got and what was expected. Entries that `RunEntries` does not know are left alone.
    `path` is what to call the file.
    """
    try:
        check_kinds(config)
    except ConfigError as error:
        words = str(error).rstrip(".")
        raise CheckpointError(
            f"The configuration in {path} does not make sense: {words}. It was made by hand or "
            "changed: take another copy."
        ) from error


def check_kinds(config: object) -> None:
    """Raise `ConfigError` for an entry of another kind, as `check_config` does, which names the
    file too."""
    if _deeper(config, _DEEPEST):
        raise ConfigError(f"there are more than {_DEEPEST} lists and mappings in one another")
    if isinstance(config, Mapping) and "sizes" not in config:
        check_fields(_Sizes, config)
    check_fields(RunEntries, config)
    assert isinstance(config, Mapping)
    sizes_from_json(config)
    for name in ("name", "seed"):
        if name in config.get("dataset_options", {}):
            raise ConfigError(f"dataset_options.{name}: the run has its own, and no other")
    for number, change in enumerate(config.get("resumed", [])):
        check_fields(Change, change, f"resumed[{number}].")


def check_layers(
    builder: Callable[..., object],
    options: Mapping[str, Any],
    sizes: Mapping[str, SizeValue],
    arrays: int,
) -> None:
    """Raise `ConfigError` for a model of more layers than a file has arrays, before it is built.

    Building takes a millisecond a layer, also where there is nothing but shapes.
    """
    layers = least_layers(builder, options, sizes)
    if layers > arrays:
        raise ConfigError(
            f"it asks for {layers:,} layers, and the file holds {arrays:,} arrays, of which each "
            "layer has one or more"
        )


def _deeper(value: object, levels: int) -> bool:
    """Whether lists and mappings are within one another more than so many times."""
    inner: list[object] = [value]
    for _ in range(levels):
        inner = [each for outer in inner for each in _held(outer)]
        if not inner:
            return False
    return True


def _held(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()
