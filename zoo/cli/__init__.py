"""The command line: `zoo train`, `zoo evaluate`, `zoo plot`, `zoo list`, and scripts/ alike."""

import sys
import warnings
from collections.abc import Callable, Sequence
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
    commands = _commands()
    if name in commands:
        run(name, commands[name], arguments[1:])
        return
    if name in ("", "-h", "--help"):
        print(f"usage: zoo COMMAND ...\n\nCommands: {', '.join(commands)}. See zoo COMMAND --help.")
        sys.exit(0 if name else 2)
    _fail(ConfigError(unknown("command", name, sorted(commands))))


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


def _commands() -> dict[str, Callable[[Sequence[str]], None]]:
    from .compare import compare
    from .evaluate import evaluate, plot
    from .ledger import ledger
    from .listing import listing
    from .predict import predict
    from .sweep import sweep
    from .train import train

    return {
        "train": train,
        "evaluate": evaluate,
        "predict": predict,
        "sweep": sweep,
        "plot": plot,
        "list": listing,
        "ledger": ledger,
        "compare": compare,
    }
