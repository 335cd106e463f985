"""How a command ends: with an exit code and a word, whatever went wrong, never with a traceback."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from ..errors import ConfigError, OutputError, UnknownNameError, ZooError
from .invocation import typed
from .plain_text import plain

_LONGEST = 200
"""Letters of a name that an error repeats."""
_MEMORY = "RESOURCE_EXHAUSTED"
"""How the message of an allocation begins that XLA could not make."""


def in_words(command: Callable[[Sequence[str]], None], arguments: Sequence[str]) -> None:
    """Run a command; what it raises becomes a word on standard error and an exit code.

    An error of the zoo is told in short. So is an `OSError` that nothing expected (5), and memory
    that does not suffice (2). Whoever closes standard output, as `head` does, has all he wanted:
    that ends with 0. `--debug` shows the traceback of an error too.
    """
    try:
        with _signals():
            _check_text(arguments)
            try:
                command(arguments)
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
        told = _as_told(error)
        if told is None:
            raise
        if "--debug" in arguments:
            traceback.print_exc()
        fail(told)


def fail(error: ZooError) -> NoReturn:
    """Print an error and end with its exit code."""
    modules = error.modules if isinstance(error, UnknownNameError) else ()
    asked = [word for module in modules for word in ("--use", module)]
    more = f"\n  {typed(*asked)}" if asked else ""
    with suppress(OSError):  # where standard error is full too, the exit code has to do
        print(f"error: {plain(str(error))}{more}", file=sys.stderr, flush=True)
    _leave_output()
    sys.exit(error.exit_code)


def _as_told(error: Exception) -> ZooError | None:
    """The error of the zoo that another one amounts to; None for a fault of the program."""
    if isinstance(error, ZooError):
        return error
    if isinstance(error, OSError):
        return OutputError(
            f"{_place(error)} cannot be read or written: {error.strerror or error}. Make room, or "
            "choose another place."
        )
    if isinstance(error, MemoryError) or str(error).startswith(_MEMORY):
        return ConfigError(
            f"The memory of this machine does not suffice ({str(error).splitlines()[0]}): choose "
            "smaller sizes or a smaller batch."
        )
    return None


def _place(error: OSError) -> str:
    if error.filename is None:  # files that the zoo writes have names, and errors of their own
        return "Standard output"
    name = str(error.filename)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}... ({len(name)} letters)"


def _check_text(arguments: Sequence[str]) -> None:
    """Raise `ConfigError` for what no file name and no text can hold."""
    for word in arguments:
        if "\0" in word or any("\ud800" <= letter <= "\udfff" for letter in word):
            raise ConfigError(
                f"{plain(word)!r} is not text: expected letters in the encoding of this terminal "
                f"({sys.getfilesystemencoding()}), without a zero byte."
            )


def _flush() -> None:
    """Bring what was printed to where it goes, so that a full disk is known while it matters."""
    if sys.stdout is not None:
        sys.stdout.flush()


def _leave_output() -> None:
    """Let what could not be printed go: Python would try once more at its end, and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):  # a stream that is no file has nothing to be led elsewhere
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _signals() -> Iterator[None]:
    """Within it SIGINT and SIGTERM end the command once, with 130 or 143, wherever it is.

    Those that follow are for what is ending already: they are ignored from then on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread handle signals
        return
    both = (signal.SIGINT, signal.SIGTERM)
    # Whoever began it in the background has SIGINT ignored, and that stays so.
    numbers = [number for number in both if signal.getsignal(number) != signal.SIG_IGN]

    def ignore() -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)

    def end(number: int, frame: FrameType | None) -> NoReturn:
        ignore()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in numbers}
    ended_by_signal = False
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        codes = [128 + number for number in numbers]
        ended_by_signal = isinstance(error, KeyboardInterrupt) or error.code in codes
        if ended_by_signal:
            ignore()
        raise
    finally:
        if not ended_by_signal:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
