"""The command line in two passes: what is chosen first, then the options of what was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tyro

from ..checkpoint import load, needed_modules, read_model
from ..errors import CheckpointError, ConfigError, UnknownNameError
from ..pretrained import path_of
from ..registry import DATASETS, MODELS, RECIPES
from ..runs.prepare import recipe_config
from ..runs.resume import as_asked
from ..runs.saved_config import saved_config
from ..runs.seeds import begun
from ..solve import solver_options
from ..train.layout import is_run
from .first_pass import value_of
from .flags import ConfigPath, flags_of, train_flags
from .own_modules import use_module_of
from .parsing import parse
from .path_names import IsPath

_Command = TypeVar("_Command")
_CHOOSING = ("model", "dataset", "recipe", "task", "out", "from")
_HELP = {"-h", "--help"}


@dataclass(frozen=True)
class Base:
    """What the options of the command line are laid over, and what that is called."""

    config: dict[str, Any]
    origin: str


def parse_train(
    argv: Sequence[str], command: type[_Command], run: Path | None = None
) -> tuple[dict[str, Any], _Command]:
    """A configuration for `zoo.runs.prepare.prepare`, and `command`, a dataclass, filled.

    `run` is the folder of the run that is to go on, where it is not the one that --out names.

    Raises `ConfigError` for a name that is not registered or a model and data set not chosen, and
    `CheckpointError` for a run that does not say them; tyro ends the program with exit code 2 for
    a value that cannot be read.
    """
    chosen, resume = _chosen(argv), "--resume" in argv
    out = Path(chosen["out"]) if chosen["out"] else None
    base = _base(chosen, run or out if resume else None)
    names = ("model", "dataset", "recipe", "task")
    config = {**base.config, **{k: chosen[k] for k in names if chosen[k] is not None}}
    looks = _looks(config)
    if "model" not in config or "dataset" not in config:
        if resume and out is not None and is_run(out):
            raise CheckpointError(
                f"The run in {out} has lost its config.json: give the options that it began with, "
                "--model and --dataset among them, which its commands.txt may hold."
            )
        if not _HELP & set(argv):
            raise ConfigError(_choose())
        return {}, parse([], command, ["--help"], _INTRODUCTION, looks=looks)[1]
    if config["model"] != base.config.get("model", config["model"]):
        config["model_options"] = {}  # a recipe's options are for the recipe's model
    if config["dataset"] != base.config.get("dataset", config["dataset"]):
        config["dataset_options"] = {}
    try:
        flags = list(train_flags(config, argv))
    except UnknownNameError as error:
        raise UnknownNameError(str(error), error.modules or needed_modules(base.config)) from None
    description = f"Train {config['model']} on {config['dataset']}."
    titles = {"model": f"model {config['model']}", "dataset": f"dataset {config['dataset']}"}
    values, rest = parse(
        flags, command, argv, description, origin=base.origin, titles=titles, looks=looks
    )
    for flag, value in zip(flags, values, strict=True):
        _put(config, flag.path, value)
    return config, rest


def parse_run(
    argv: Sequence[str], command: type[_Command], description: str
) -> tuple[dict[str, Any], _Command]:
    """Options of the solver, of which only the given ones come back, and `command` filled."""
    flags = list(flags_of(solver_options, ("solver",), "solver.", {}))
    values, rest = parse(flags, command, argv, description)
    given = {f.path[-1]: v for f, v in zip(flags, values, strict=True) if v is not None}
    return given, rest


def parse_command(argv: Sequence[str], command: type[_Command], description: str) -> _Command:
    """`command`, a dataclass, filled from a command line that has no other options."""
    return parse([], command, argv, description)[1]


def _base(chosen: Mapping[str, str | None], run: Path | None) -> Base:
    """A run that goes on, a recipe, or the model of the run whose weights are taken."""
    if run is not None:
        saved = saved_config(begun(run))
        if saved is not None:
            return Base(as_asked(saved), "run")
    if chosen["recipe"] is not None:
        return Base(recipe_config(chosen["recipe"]), "recipe")
    if chosen["from"]:
        path = path_of(chosen["from"])
        source = read_model(path)[0]["config"]
        if source is not None and chosen["model"] is None:
            # Before it is built: that it is the model whose weights are in the file.
            load(path, cast=True, strict=False)
            taken = {"model": source["model"], "model_options": source["options"]}
            return Base(taken | {"use": needed_modules(source)}, "weights")
    return Base({}, "default")


def _chosen(argv: Sequence[str]) -> dict[str, str | None]:
    """The names that decide which options there are."""
    chosen = {name: value_of(f"--{name}", argv) for name in _CHOOSING}
    if "" in chosen.values():
        empty = next(name for name, value in chosen.items() if value == "")
        raise ConfigError(f"--{empty} is empty: give a value, or leave it out.")
    for path in ("out", "from"):
        IsPath().check(f"--{path}", chosen[path] or "")
    for registry, name in ((MODELS, chosen["model"]), (DATASETS, chosen["dataset"])):
        if name is not None:
            use_module_of(name)
            registry[name]
    return chosen


def _looks(config: Mapping[str, Any]) -> dict[str, object]:
    """The help of what can be chosen: its names, and which of them is."""
    registries = {"model": MODELS, "dataset": DATASETS, "recipe": RECIPES}
    helps = {
        "model": "what is trained",
        "dataset": "what it is trained on",
        "recipe": "a tuned run, whose options those typed here replace",
    }
    return {
        name: tyro.conf.arg(
            help=f"{helps[name]}: one of {', '.join(registry.names())}",
            help_behavior_hint=f"(chosen: {config[name]})" if config.get(name) else "",
        )
        for name, registry in registries.items()
    }


def _put(config: dict[str, Any], path: ConfigPath, value: Any) -> None:
    *outer, last = path
    for name in outer:
        config[name] = dict(config.get(name) or {})
        config = config[name]
    config[last] = value


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
