"""The command line in two passes: what is chosen first, then the options of what was chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import tyro

from ..errors import CheckpointError, ConfigError, UnknownNameError
from ..registry import DATASETS, MODELS, RECIPES
from ..runs.config import RunConfig
from ..solve import solver_options
from ..train.folder.layout import is_run
from .base_config import base_of
from .chosen import Chosen
from .first_pass import CommandLine
from .flags import ConfigPath, Flag, flags_of, train_flags
from .parsing import parse

_Command = TypeVar("_Command")


@dataclass(frozen=True)
class TrainLine(Generic[_Command]):
    """A training command line that was read: the command's own options, and the run's."""

    command: _Command
    config: RunConfig
    """What is to be run."""
    line: CommandLine
    typed: Mapping[str, Any]
    """The values of the flags that were typed, by name."""

    def going_on(self, run: Path) -> RunConfig:
        """What is to be run where the run in a folder goes on: the same options over its own."""
        chosen = Chosen.of(self.line)
        config = base_of(chosen, run).under(chosen)
        assert config is not None, "a run says what it is"
        return _laid(config, train_flags(config, self.line), self.typed)


def parse_train(line: CommandLine, command: type[_Command]) -> TrainLine[_Command]:
    """The description of a run, and `command`, a dataclass, filled.

    Raises `ConfigError` for a name that is not registered or a model and data set not chosen, and
    `CheckpointError` for a run that does not say them; tyro ends the program with exit code 2 for
    a value that cannot be read.
    """
    chosen = Chosen.of(line)
    base = base_of(chosen)
    config = base.under(chosen)
    if config is None:
        _refuse(chosen, line)
        looks = _looks(chosen.model or base.model, chosen.dataset, chosen.recipe)
        parse([], command, CommandLine(("--help",)), _INTRODUCTION, looks=looks)
        raise SystemExit(0)  # as tyro ends the program once it has shown help
    try:
        flags = list(train_flags(config, line))
    except UnknownNameError as error:
        raise UnknownNameError(str(error), error.modules or base.use) from None
    values, rest = parse(
        flags,
        command,
        line,
        f"Train {config.model} on {config.dataset}.",
        origin=base.origin,
        titles={"model": f"model {config.model}", "dataset": f"dataset {config.dataset}"},
        looks=_looks(config.model, config.dataset, config.recipe),
    )
    pairs = zip(flags, values, strict=True)
    typed = {flag.name: value for flag, value in pairs if line.has(f"--{flag.name}")}
    return TrainLine(rest, _laid(config, flags, typed), line, typed)


def _refuse(chosen: Chosen, line: CommandLine) -> None:
    """Raise for a line that does not say what to train, unless it asks for help."""
    if chosen.resume and chosen.out is not None and is_run(chosen.out):
        raise CheckpointError(
            f"The run in {chosen.out} has lost its config.json: give the options that it began "
            "with, --model and --dataset among them, which its commands.txt may hold."
        )
    if not line.asks_for_help:
        raise ConfigError(_choose())


def parse_run(
    line: CommandLine, command: type[_Command], description: str
) -> tuple[dict[str, Any], _Command]:
    """Options of the solver, of which only the given ones come back, and `command` filled."""
    flags = list(flags_of(solver_options, ("solver",), "solver.", {}))
    values, rest = parse(flags, command, line, description)
    given = {f.path[-1]: v for f, v in zip(flags, values, strict=True) if v is not None}
    return given, rest


def parse_command(line: CommandLine, command: type[_Command], description: str) -> _Command:
    """`command`, a dataclass, filled from a command line that has no other options."""
    return parse([], command, line, description)[1]


def _looks(model: str | None, dataset: str | None, recipe: str | None) -> dict[str, object]:
    """The help of what can be chosen: its names, and which of them is."""
    choices = {
        "model": (MODELS, model, "what is trained"),
        "dataset": (DATASETS, dataset, "what it is trained on"),
        "recipe": (RECIPES, recipe, "a tuned run, whose options those typed here replace"),
    }
    return {
        name: tyro.conf.arg(
            help=f"{words}: one of {', '.join(registry.names())}",
            help_behavior_hint=f"(chosen: {chosen})" if chosen else "",
        )
        for name, (registry, chosen, words) in choices.items()
    }


def _laid(config: RunConfig, flags: Iterable[Flag], typed: Mapping[str, Any]) -> RunConfig:
    """The description with a value for every flag: what was typed, or what the flag's default is.

    A flag's path begins with the field of the description that its value is in.
    """
    changed: dict[str, Any] = {}
    for flag in flags:
        head = flag.path[0]
        changed.setdefault(head, dict(getattr(config, head)))
        _put(changed, flag.path, typed.get(flag.name, flag.default))
    return replace(config, **changed)


def _put(options: dict[str, Any], path: ConfigPath, value: Any) -> None:
    *outer, last = path
    for name in outer:
        options[name] = dict(options.get(name) or {})
        options = options[name]
    options[last] = value


def _choose() -> str:
    return (
        "Choose what to train: --model "
        f"({', '.join(MODELS.names())}) and --dataset ({', '.join(DATASETS.names())}), or --recipe "
        f"({', '.join(RECIPES.names())}). With them chosen, --help shows every option of both."
    )


_INTRODUCTION = (
    "Train a model on a data set, or a recipe. With --model and --dataset chosen, or --recipe, "
    "--help shows every option of both, of the solver and of the training too."
)
