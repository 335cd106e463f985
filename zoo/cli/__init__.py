"""The command line: `zoo train`, `zoo evaluate`, `zoo plot`, `zoo list`, and scripts/ alike."""

import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module

from ..errors import ConfigError
from ..registry import unknown
from ..runs.devices import check_devices
from ..runs.invocation import remember
from .compile_cache import keep_compiled_programs
from .ending import fail, in_words
from .first_pass import CommandLine
from .own_modules import import_named_modules
from .plain_text import plain
from .process_options import join_named
from .streams import safe_streams

_HELP = """\
usage: zoo COMMAND ...

  zoo list                                     models, data sets, recipes, pretrained weights
  zoo train --model odenet --dataset moons     train a model on data; or --recipe NAME
  zoo evaluate RUN                             metrics and cost, with another solver too
  zoo predict RUN --input A.csv --output B.csv predictions for rows of your own
  zoo sample RUN --output B.csv --n 1000       draws from a density; of series with --input A.csv
  zoo plot RUN, zoo sweep RUN                  figures; tolerances, solvers and adjoints compared
  zoo card RUN, zoo report RUN, zoo export RUN a model card; one HTML page; one StableHLO program
RUN is a run's folder, a weight file or a pretrained name. zoo COMMAND --help tells the rest."""

# Each is loaded when it is asked for: training need not wait for what only a sweep imports.
_COMMANDS = {
    "train": "train:train",
    "evaluate": "evaluate:evaluate",
    "predict": "predict:predict",
    "sample": "sample:sample",
    "export": "export:export",
    "card": "card:card",
    "report": "report:report",
    "sweep": "sweep:sweep",
    "plot": "evaluate:plot",
    "list": "listing:listing",
}
_WITHOUT_DEVICE = ("list",)
_TOGETHER = ("train",)
"""What several processes run together."""
_ASKS_FOR_HELP = {"-h", "--help"}


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; ends the program with the exit code of the error, if there is one.

    Without a command, or with `--help`, it says what there is, and ends with 0.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    with safe_streams():
        if name in _COMMANDS:
            in_words(lambda line: _run(name, line), rest)
        elif name in _ASKS_FOR_HELP:
            in_words(lambda _: _help(), rest)
        else:
            fail(ConfigError(unknown("command", name, sorted(_COMMANDS))))


def _run(name: str, line: CommandLine) -> None:
    warnings.formatwarning = lambda message, *_, **__: f"warning: {plain(str(message))}\n"
    remember(name, line.words)
    if name in _TOGETHER and not line.asks_for_help:
        join_named(line)
    if name not in _WITHOUT_DEVICE and not line.asks_for_help:
        check_devices()
    keep_compiled_programs()
    import_named_modules(line)
    _command(name)(line)


def _help() -> None:
    print(_HELP)
    sys.exit(0)


def _command(name: str) -> Callable[[CommandLine], None]:
    module, function = _COMMANDS[name].split(":")
    found: Callable[[CommandLine], None] = getattr(import_module(f".{module}", __name__), function)
    return found
