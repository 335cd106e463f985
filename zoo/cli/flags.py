"""The options of builders as flags of the command line.

Nothing is listed here by hand: the options of a model, its dynamics, its solver, a data set and
the training are read off their builders by `zoo.schema`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..datasets import load_dataset
from ..registry import DATASETS, MODELS
from ..runs.config import RunConfig
from ..schema import Nested, Option, Selects, options_of
from ..train.options import training_options
from .first_pass import NOTHING_TYPED, CommandLine
from .own_modules import use_module_of

ConfigPath = tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """One option of the command line: where it belongs in the configuration, and its schema."""

    path: ConfigPath
    name: str
    option: Option
    default: Any

    @property
    def group(self) -> str:
        """What the option is of: `model`, `dataset`, `solver`, or `training`."""
        head, dot, _ = self.name.partition(".")
        return "training" if not dot or self.path[0] == "training" else head


def train_flags(config: RunConfig, line: CommandLine = NOTHING_TYPED) -> Iterator[Flag]:
    """The flags of a training run of the model and data set in `config`, with their defaults there.

    `line` is looked at for the names that decide which further options there are, such as
    `--model.dynamics`. Raises `UnknownNameError` for one that is not registered.
    """
    yield from flags_of(training_options, ("training",), "", config.training, line)
    dataset = config.dataset_options
    for builder in (load_dataset, DATASETS[config.dataset].builder):
        flags = flags_of(builder, ("dataset_options",), "dataset.", dataset)
        yield from (flag for flag in flags if flag.option.name != "seed")
    builder = MODELS[config.model].builder
    yield from flags_of(builder, ("model_options",), "model.", config.model_options, line)


def flags_of(
    builder: Callable[..., Any],
    path: ConfigPath,
    prefix: str,
    defaults: Mapping[str, Any],
    line: CommandLine = NOTHING_TYPED,
) -> Iterator[Flag]:
    """The options of a builder, nested ones after it; `defaults` replace the schema's."""
    for name, option in options_of(builder).items():
        default = defaults.get(name, option.default)
        nested, selects = option.marker(Nested), option.marker(Selects)
        if nested is not None:
            yield from flags_of(nested.builder, (*path, name), f"{name}.", default or {})
            continue
        yield Flag((*path, name), f"{prefix}{name}", option, default)
        if selects is not None:
            inner = defaults.get(f"{name}_options") or {}
            typed = line.value_of(f"--{prefix}{name}")
            chosen = typed or default
            if typed:
                use_module_of(typed)
            if chosen is None:
                continue
            if chosen != default:
                inner = {}
            entry = selects.registry[chosen]
            yield from flags_of(
                entry.builder, (*path, f"{name}_options"), f"{prefix}{name}.", inner, line
            )
