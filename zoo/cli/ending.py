"""How a command ends: with an exit code and a word, whatever went wrong, never with a traceback."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

import jax

from ..errors import ConfigError, OutputError, ProcessError, UnknownNameError, ZooError
from ..runs.invocation import typed
from .first_pass import CommandLine
from .plain_text import plain
from .signals import ends_on_signals

_LONGEST = 200
"""Letters of a name that an error repeats."""
_MEMORY = "RESOURCE_EXHAUSTED"
"""How the message of an allocation begins that XLA could not make."""


def in_words(command: Callable[[CommandLine], None], arguments: Sequence[str]) -> None:
    """Run a command; what it raises becomes a word on standard error and an exit code.

    An error of the zoo is told in short. So is an `OSError` that nothing expected (5), and memory
    that does not suffice (2). Whoever closes standard output, as `head` does, has all he wanted:
    that ends with 0. `--debug` shows the traceback of an error too.
    """
    line = CommandLine.of(arguments)
    try:
        with ends_on_signals():
            check_text(line.words)
            try:
                command(line)
            except SystemExit:  # help was printed
                _flush()
                raise
            _flush()
    except BrokenPipeError:
        _leave_output()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        try:
            _restate(error)
        except ZooError as told:
            if line.has("--debug"):
                traceback.print_exc()
            fail(told)


def fail(error: ZooError) -> NoReturn:
    """Print an error and end with its exit code."""
    modules = error.modules if isinstance(error, UnknownNameError) else ()
    asked = [word for module in modules for word in ("--use", module)]
    more = f"\n  {typed(*asked)}" if asked else ""
    print(f"error: {plain(str(error))}{more}", file=sys.stderr, flush=True)
    _leave_output()
    if isinstance(error, ProcessError) and jax.distributed.is_initialized():
        # JAX would wait for the process that is gone.
        os._exit(error.exit_code)
    sys.exit(error.exit_code)


def _restate(error: Exception) -> NoReturn:
    """Raise an error as the error of the zoo that it amounts to; as it is if that is none."""
    if isinstance(error, OSError) and not isinstance(error, ZooError):
        raise OutputError(
            f"{_place(error)} cannot be read or written: {error.strerror or error}. Make room, or "
            "choose another place."
        ) from error
    if isinstance(error, MemoryError) or str(error).startswith(_MEMORY):
        words = (str(error).splitlines() or ["an allocation failed"])[0].rstrip(".")
        raise ConfigError(
            f"The memory of this machine does not suffice ({words}): choose smaller sizes or a "
            "smaller batch."
        ) from error
    raise error


def _place(error: OSError) -> str:
    if error.filename is None:  # files that the zoo writes have names, and errors of their own
        return "Standard output"
    name = str(error.filename)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}... ({len(name)} letters)"


def check_text(arguments: Sequence[str]) -> None:
    """Raise `ConfigError` for what no file name and no text can hold."""
    for word in arguments:
        if "\0" in word or any("\ud800" <= letter <= "\udfff" for letter in word):
            raise ConfigError(
                f"{plain(word)!r} is not text: expected letters in the encoding of this terminal "
                f"({sys.getfilesystemencoding()}), without a zero byte."
            )


def _flush() -> None:
    """Bring what was printed to where it goes, so that a full disk is known while it matters."""
    sys.stdout.flush()


def _leave_output() -> None:
    """Let what could not be printed go: Python would try once more at its end, and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):  # a stream that is no file has nothing to be led elsewhere
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
