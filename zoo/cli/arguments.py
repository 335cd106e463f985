"""The command line in two passes: the selectors first, then the options of what they selected.

Nothing is listed here by hand: the options of a model, its dynamics, its solver, a data set and
the training are read off their builders by `zoo.schema`, and tyro parses and documents them.
"""

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias, get_type_hints

import tyro

from ..checkpoint import needed_modules, read, template
from ..datasets import load_dataset
from ..errors import CheckpointError, ConfigError, UnknownNameError
from ..extensions import use
from ..registry import DATASETS, MODELS, RECIPES, unknown
from ..run import recipe_config
from ..schema import Nested, Option, Range, Selects, options_of
from ..solve import solver_options
from ..train.layout import is_run
from ..train.options import training_options
from .resume import as_asked
from .run_directory import find_weights
from .saved_config import saved_config
from .seeds import begun

_Path = tuple[str, ...]

Use: TypeAlias = Annotated[
    tyro.conf.UseAppendAction[tuple[str, ...]],
    tyro.conf.arg(help="your own module to import; the current folder is searched first"),
]
"""The option `--use`, which `bring_in` has already followed when a command is parsed."""

DatasetPath: TypeAlias = Annotated[
    str | None,
    tyro.conf.arg(
        name="dataset.path",
        help="the file of a run's data, where it is neither in this folder nor beside the run",
    ),
]
"""The option `--dataset.path` of what takes a finished run."""


@dataclasses.dataclass(frozen=True)
class Flag:
    """One option of the command line: where it belongs in the configuration, and its schema."""

    path: _Path
    name: str
    option: Option
    default: Any


def parse_train(
    argv: Sequence[str], extra: Any, run: Path | None = None
) -> tuple[dict[str, Any], Any]:
    """A configuration for `zoo.run.prepare`, and the fields of `extra` (a dataclass) filled.

    `run` is the folder of the run that is to go on, where it is not the one that --out names.

    Raises `ConfigError` for a name that is not registered or a model and data set not chosen, and
    `CheckpointError` for a run that does not say them; tyro ends the program with exit code 2 for
    an option that does not exist.
    """
    chosen = _selectors(argv)
    base = _base(chosen, run)
    names = ("model", "dataset", "recipe", "task")
    config = {**base, **{k: chosen[k] for k in names if chosen[k] is not None}}
    if "model" not in config or "dataset" not in config:
        if not {"-h", "--help"} & set(argv):
            _refuse_nothing(chosen)
        return {}, tyro.cli(extra, args=["--help"], prog="train.py", description=_choose())
    if config["model"] != base.get("model", config["model"]):
        config["model_options"] = {}  # a recipe's options are for the recipe's model
    if config["dataset"] != base.get("dataset", config["dataset"]):
        config["dataset_options"] = {}
    try:
        flags = list(_train_flags(config, argv))
    except UnknownNameError as error:
        raise UnknownNameError(str(error), error.modules or needed_modules(base)) from None
    description = f"Train {config['model']} on {config['dataset']}."
    values, rest = _parse(flags, extra, argv, description)
    for flag, value in zip(flags, values, strict=True):
        _put(config, flag.path, value)
    return config, rest


def _refuse_nothing(chosen: Mapping[str, Any]) -> NoReturn:
    out = chosen["out"]
    if chosen["resume"] and out is not None and is_run(Path(out)):
        raise CheckpointError(
            f"The run in {out} has lost its config.json: give the options that it began with, "
            "--model and --dataset among them, which its commands.txt may hold."
        )
    raise ConfigError(_choose())


def parse_run(argv: Sequence[str], command: Any, description: str) -> tuple[dict[str, Any], Any]:
    """Options of the solver, of which only the given ones come back, and `command` filled."""
    flags = list(_flags(solver_options, ("solver",), "solver.", {}))
    values, rest = _parse(flags, command, argv, description)
    given = {f.path[-1]: v for f, v in zip(flags, values, strict=True) if v is not None}
    return given, rest


def parse_command(argv: Sequence[str], command: Any, description: str) -> Any:
    """`command`, a dataclass, filled from a command line that has no other options."""
    _, filled = _parse([], command, argv, description)
    return filled


def _base(chosen: Mapping[str, Any], run: Path | None) -> dict[str, Any]:
    """What the options of the command line are laid over: a run that goes on, a recipe, or the
    model of the run whose weights are taken."""
    if chosen["resume"] and chosen["out"]:
        saved = saved_config(run or begun(Path(chosen["out"])))
        if saved is not None:
            return as_asked(saved)
    if chosen["recipe"]:
        return recipe_config(chosen["recipe"])
    if chosen["from"]:
        path = find_weights(chosen["from"])
        source = read(path)[0]["config"]
        if source is not None and chosen["model"] is None:
            template(source, path)  # what a file says of its model is checked before it is used
            taken = {"model": source["model"], "model_options": source["options"]}
            return taken | {"use": needed_modules(source)}
    return {}


def _selectors(argv: Sequence[str]) -> dict[str, Any]:
    """First pass: the names that decide which options there are."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in ("model", "dataset", "recipe", "task", "out", "from"):
        parser.add_argument(f"--{name}", default=None)
    parser.add_argument("--resume", action="store_true")
    try:
        known, _ = parser.parse_known_args(list(argv))
    except argparse.ArgumentError as error:
        raise ConfigError(f"{error}.") from None
    for registry, name in ((MODELS, known.model), (DATASETS, known.dataset)):
        if name is not None:
            use_module_of(name)
            registry[name]
    return vars(known)


def bring_in(argv: Sequence[str]) -> None:
    """Import what `--use` names, before anything else of the command line is read."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--use", action="append", default=[])
    try:
        modules = parser.parse_known_args(list(argv))[0].use
    except argparse.ArgumentError:
        raise ConfigError("--use needs the name of a module, such as --use mymodule.") from None
    for module in modules:
        use(module)


def use_module_of(name: str) -> None:
    """Import the module of a `module:builder` that was typed on the command line."""
    if ":" in name:
        use(name.partition(":")[0])


def _train_flags(config: Mapping[str, Any], argv: Sequence[str]) -> Iterator[Flag]:
    training = config.get("training", {})
    yield from _flags(training_options, ("training",), "", training, argv)
    dataset = config.get("dataset_options", {})
    for builder in (load_dataset, DATASETS[config["dataset"]].builder):
        flags = _flags(builder, ("dataset_options",), "dataset.", dataset)
        yield from (flag for flag in flags if flag.option.name != "seed")
    builder = MODELS[config["model"]].builder
    model = config.get("model_options", {})
    yield from _flags(builder, ("model_options",), "model.", model, argv)


def _flags(
    builder: Callable[..., Any],
    path: _Path,
    prefix: str,
    defaults: Mapping[str, Any],
    argv: Sequence[str] = (),
) -> Iterator[Flag]:
    """The options of a builder, nested ones after it; `defaults` replace the schema's."""
    for name, option in options_of(builder).items():
        default = defaults.get(name, option.default)
        nested, selects = option.marker(Nested), option.marker(Selects)
        if nested is not None:
            yield from _flags(nested.builder, (*path, name), f"{name}.", default or {})
            continue
        yield Flag((*path, name), f"{prefix}{name}", option, default)
        if selects is not None:
            inner = defaults.get(f"{name}_options") or {}
            typed = _value_of(f"--{prefix}{name}", argv)
            chosen = typed or default
            if typed:
                use_module_of(typed)
            if chosen is None:
                continue
            if chosen != default:
                inner = {}
            entry = selects.registry[chosen]
            yield from _flags(
                entry.builder, (*path, f"{name}_options"), f"{prefix}{name}.", inner, argv
            )


def _value_of(flag: str, argv: Sequence[str]) -> str | None:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(flag, dest="value", default=None)
    return parser.parse_known_args(list(argv))[0].value


def _parse(
    flags: Sequence[Flag], extra: Any, argv: Sequence[str], description: str
) -> tuple[list[Any], Any]:
    """Second pass: tyro on the flags and on the fields of `extra`."""
    fields = []
    for at, flag in enumerate(flags):
        help_text = _help(flag)
        kind = flag.option.type
        if kind is bool:  # a value for what may be on by default: --model.head False
            kind = Annotated[bool, tyro.conf.FlagConversionOff]
        annotation = Annotated[kind, tyro.conf.arg(name=flag.name, help=help_text)]
        fields.append((f"flag_{at}", annotation, dataclasses.field(default=flag.default)))
    _check_names([flag.name for flag in flags], extra, argv)
    cls = dataclasses.make_dataclass("Options", fields, bases=(extra,), kw_only=True)
    parsed: Any = tyro.cli(cls, args=list(argv), description=description)
    return [getattr(parsed, f"flag_{at}") for at in range(len(flags))], parsed


def _check_names(names: Sequence[str], extra: Any, argv: Sequence[str]) -> None:
    """Refuse an option that does not exist, in the words and with the hint of every other name."""
    hints = get_type_hints(extra, include_extras=True)
    own = []
    for name, hint in hints.items():
        marks = getattr(hint, "__metadata__", ())
        renamed = [mark.name for mark in marks if getattr(mark, "name", None) is not None]
        own += [] if tyro.conf.Positional in marks else renamed or [name]
    known = sorted(name.replace("_", "-") for name in (*names, *own))
    for word in argv:
        if not word.startswith("--") or word == "--":
            continue
        name = word[2:].partition("=")[0].replace("_", "-")
        if name.removeprefix("no-") not in known and name != "help":
            raise ConfigError(unknown("option", f"--{name}", [f"--{k}" for k in known]))


def _help(flag: Flag) -> str:
    bounds = flag.option.marker(Range)
    text = flag.option.help or flag.option.name
    selects = flag.option.marker(Selects)
    if selects is not None:
        text += f": one of {', '.join(selects.registry.names())}"
    return f"{text}; {bounds}" if bounds is not None else text


def _put(config: dict[str, Any], path: _Path, value: Any) -> None:
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
