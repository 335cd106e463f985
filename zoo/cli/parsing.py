"""The second pass: tyro on a command's own options and on the flags of what it selected."""

import dataclasses
import typing
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import tyro

from ..errors import ConfigError
from ..registry import unknown
from ..runs.invocation import program
from ..schema import Range
from .first_pass import CommandLine
from .flags import Flag
from .path_names import IsPath
from .presentation import annotation_of, choice, choices_of, default_words

_Command = TypeVar("_Command")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def parse(
    flags: Sequence[Flag],
    command: type[_Command],
    line: CommandLine,
    description: str,
    *,
    origin: str = "default",
    titles: Mapping[str, str] = _NOTHING,
    looks: Mapping[str, object] = _NOTHING,
) -> tuple[list[Any], _Command]:
    """The values of flags, and a command's dataclass filled.

    Args:
        flags: in groups of which each is a section of `--help`.
        command: a dataclass whose fields are the options that the command itself takes.
        line: what was typed.
        description: what the command does.
        origin: where defaults of flags come from that are not the builders' own.
        titles: of the sections, by the flags' group; the group itself where none is given.
        looks: what `tyro.conf.arg` made for the command's own options, by field, where what
            `--help` says of them depends on what was chosen.

    Raises `ConfigError` for an option that does not exist or a value of the command's own that is
    empty or out of range; tyro ends the program with exit code 2 for what cannot be read.
    """
    _check_names(flags, command, line)
    groups: dict[str, list[tuple[str, Any, Any]]] = defaultdict(list)
    for at, flag in enumerate(flags):
        groups[flag.group].append((f"flag_{at}", annotation_of(flag, origin), _field(flag.default)))
    fields = [
        (f.name, _shown(f, hint, looks.get(f.name)), _redeclare(f)) for f, hint in _own(command)
    ]
    for group, entries in groups.items():
        section = dataclasses.make_dataclass(group, entries, kw_only=True)
        title = Annotated[section, tyro.conf.arg(name=titles.get(group, group), help="")]  # type: ignore[valid-type]
        fields.append((f"group_{group}", title, dataclasses.field(default_factory=section)))
    whole = dataclasses.make_dataclass("Options", fields, bases=(command,), kw_only=True)
    parsed: Any = tyro.cli(whole, args=list(line.words), description=description, prog=program())
    _check_values(command, parsed)
    values = [
        getattr(getattr(parsed, f"group_{flag.group}"), f"flag_{at}")
        for at, flag in enumerate(flags)
    ]
    return values, parsed


def _own(command: type) -> Iterator[tuple[dataclasses.Field[Any], Any]]:
    """The fields of a command's dataclass, each with its annotation."""
    hints = typing.get_type_hints(command, include_extras=True)
    for field in dataclasses.fields(command):
        yield field, hints[field.name]


def _field(default: object) -> Any:
    """The field of a flag; a list, such as the rates of growth, is made anew for each reader."""
    if isinstance(default, list):
        return dataclasses.field(default_factory=partial(list, default))
    return dataclasses.field(default=default)


def _redeclare(field: dataclasses.Field[Any]) -> Any:
    """A field to be declared again, under another annotation."""
    return dataclasses.field(default=field.default, default_factory=field.default_factory)


def _shown(field: dataclasses.Field[Any], hint: Any, look: object) -> Any:
    """The annotation of a command's own option, as `--help` shows it."""
    plain, *own = typing.get_args(hint)
    extras: list[Any] = [tyro.conf.arg(help_behavior_hint=default_words)]
    if plain is bool and field.default is False:
        extras = [tyro.conf.FlagCreatePairsOff, tyro.conf.arg(help_behavior_hint="")]
    choices = choices_of(plain)
    if choices and None in choices:
        extras.append(choice(choices))
    return Annotated[(plain, *extras, *own, *([] if look is None else [look]))]


def _is_positional(hint: Any) -> bool:
    return tyro.conf.Positional in getattr(hint, "__metadata__", ())


def _option_of(field: dataclasses.Field[Any], hint: Any) -> str:
    """What is typed for a field: `--resume-schedule`, `RUN`; its own name if it was given one."""
    marks = getattr(hint, "__metadata__", ())
    own = [mark.name for mark in marks if getattr(mark, "name", None)]
    name = own[-1] if own else field.name.rstrip("_").replace("_", "-")
    return name.upper() if _is_positional(hint) else f"--{name}"


def _check_names(flags: Sequence[Flag], command: type, line: CommandLine) -> None:
    """Refuse an option that does not exist, in the words and with the hint of every other name."""
    known = {f"--{flag.name}".replace("_", "-") for flag in flags}
    switched_off = set()
    for field, hint in _own(command):
        if not _is_positional(hint):
            known.add(_option_of(field, hint))
        if field.default is True:
            switched_off.add(_option_of(field, hint).replace("--", "--no-"))
    for name in line.given:
        if name not in {"--help", *known, *switched_off}:
            raise ConfigError(unknown("option", name, sorted(known)))


def _check_values(command: type, parsed: Any) -> None:
    """Refuse a value of a command's own options that is empty, or outside what it may be."""
    for field, hint in _own(command):
        value, option = getattr(parsed, field.name), _option_of(field, hint)
        if value == "" or (value == () and field.default != ()):
            raise ConfigError(f"{option} is empty: give a value, or leave it out.")
        for marker in hint.__metadata__:
            if isinstance(marker, Range | IsPath) and value is not None:
                marker.check(option, value)
