"""How an option looks in `--help`: what stands for its value, what it does, what holds without."""

import types
import typing
from typing import Annotated, Any, Literal

import tyro

from ..schema import Range, Selects
from .flags import Flag

_WORDS = {int: "INT", float: "FLOAT", str: "TEXT"}


def default_words(default: str, origin: str = "default") -> str:
    """What follows an option's help: its value where none is typed; nothing where that is none."""
    return "" if default in ("None", "") else f"({origin}: {default})"


def annotation_of(flag: Flag, origin: str) -> Any:
    """The type that tyro parses an option as, with all that `--help` says of it.

    `origin` is where a value that is not the builder's own default comes from, such as `recipe`.
    """
    option = flag.option
    said_by = "default" if flag.default == option.default else origin
    shown = tyro.conf.arg(
        name=flag.name,
        prefix_name=False,
        metavar=_metavar(option.type, option.marker(Selects) is not None),
        help=_help(flag),
        help_behavior_hint=lambda default: default_words(default, said_by),
    )
    if option.type is bool:  # a value for what may be on by default: --model.head False
        return Annotated[bool, tyro.conf.FlagConversionOff, shown]
    choices = choices_of(option.type)
    if choices and None in choices:
        return Annotated[option.type, choice(choices), shown]
    return Annotated[option.type, shown]


def choices_of(annotation: Any) -> tuple[Any, ...]:
    """The values of a `Literal[...]` or `Literal[...] | None`; nothing for any other type."""
    if typing.get_origin(annotation) is Literal:
        return typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = typing.get_args(annotation)
        inner = [choices_of(part) for part in parts if part is not type(None)]
        if len(inner) == 1 and inner[0]:
            return (*inner[0], None)
    return ()


def choice(values: tuple[Any, ...]) -> tyro.constructors.PrimitiveConstructorSpec[Any]:
    """How one of several values is read: tyro tells those of a union in an order of chance."""
    by_word = {str(value): value for value in values}
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="|".join(str(value) for value in values if value is not None),
        instance_from_str=lambda words: by_word[words[0]],
        is_instance=lambda value: value in values,
        str_from_instance=lambda value: [str(value)],
        choices=tuple(by_word),
    )


def _metavar(annotation: Any, named: bool) -> str | None:
    """`INT`, `NAME`, `sgd|adam`; None for a type that tyro has to describe."""
    if named:
        return "NAME"
    if annotation is bool:
        return "True|False"
    choices = choices_of(annotation)
    if choices:
        return "|".join(str(value) for value in choices if value is not None)
    parts = typing.get_args(annotation) or (annotation,)
    words = [_WORDS.get(part) for part in parts if part is not type(None)]
    return words[0] if len(words) == 1 else None


def _help(flag: Flag) -> str:
    bounds = flag.option.marker(Range)
    text = flag.option.help or flag.option.name
    selects = flag.option.marker(Selects)
    if selects is not None:
        text += f": one of {', '.join(selects.registry.names())}"
    return f"{text}; {bounds}" if bounds is not None else text
