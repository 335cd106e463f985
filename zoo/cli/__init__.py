"""The command line: `zoo train`, `zoo evaluate`, `zoo plot`, `zoo list`, and scripts/ alike."""

import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from ..errors import ConfigError, UnknownNameError, ZooError
from ..registry import unknown
from .arguments import bring_in
from .compile_cache import keep_compiled_programs
from .invocation import remember, typed


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; ends the program with the exit code of the error, if there is one."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name in _COMMANDS:
        run(name, _command(name), arguments[1:])
        return
    if name in ("", "-h", "--help"):
        print(
            f"usage: zoo COMMAND ...\n\nCommands: {', '.join(_COMMANDS)}. See zoo COMMAND --help."
        )
        sys.exit(0 if name else 2)
    _fail(ConfigError(unknown("command", name, sorted(_COMMANDS))))


def run(name: str, command: Callable[[Sequence[str]], None], arguments: Sequence[str]) -> None:
    """Run one command; an error of the zoo is printed in short, with `--debug` in full."""
    warnings.formatwarning = lambda message, *_, **__: f"warning: {_plain(str(message))}\n"
    remember(name, arguments)
    keep_compiled_programs()
    try:
        bring_in(arguments)
        command(arguments)
    except ZooError as error:
        if "--debug" in arguments:
            raise
        modules = error.modules if isinstance(error, UnknownNameError) else ()
        asked = [word for module in modules for word in ("--use", module)]
        _fail(error, f"\n  {typed(*asked)}" if asked else "")
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: ZooError, more: str = "") -> NoReturn:
    print(f"error: {_plain(str(error))}{more}", file=sys.stderr)
    sys.exit(error.exit_code)


def _plain(words: str) -> str:
    """What may come from a file, without the control characters that a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in words)


# Each is loaded when it is asked for: training need not wait for what only a sweep imports.
_COMMANDS = {
    "train": "train:train",
    "evaluate": "evaluate:evaluate",
    "predict": "predict:predict",
    "sweep": "sweep:sweep",
    "plot": "evaluate:plot",
    "list": "listing:listing",
    "ledger": "ledger:ledger",
    "compare": "compare:compare",
}


def _command(name: str) -> Callable[[Sequence[str]], None]:
    module, function = _COMMANDS[name].split(":")
    found: Callable[[Sequence[str]], None] = getattr(
        import_module(f".{module}", __name__), function
    )
    return found
