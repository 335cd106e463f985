"""Standard output and standard error, closed, full, or of a terminal that lacks letters."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, Protocol, runtime_checkable


class Nowhere(io.StringIO):
    """A stream that takes everything and keeps nothing."""

    def write(self, text: str) -> int:
        """Leave it."""
        return len(text)


@runtime_checkable
class Writable(Protocol):
    """What a stream of text is asked here; not all that replaces `sys.stderr` is a `TextIO`."""

    def write(self, text: str, /) -> int:
        """Write, and return how many characters."""

    def flush(self) -> None:
        """Bring to its place what was written."""


class Dispensable:
    """A stream whose failure costs nothing: what cannot be written is left out.

    Standard error is for whoever watches: a run goes on after he has gone.
    """

    def __init__(self, stream: Writable) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or leave it."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Bring to its place what was written, as far as that can be."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def safe_streams() -> Iterator[None]:
    """Within it, what is printed to a closed stream goes nowhere, and standard error never fails.

    A letter that the encoding of standard output lacks is printed as its number.
    """
    # Python has None for a stream that was closed before it began.
    output, errors = sys.stdout or Nowhere(), sys.stderr or Nowhere()
    if isinstance(output, io.TextIOWrapper):
        output.reconfigure(errors="backslashreplace")
    with redirect_stdout(output), redirect_stderr(Dispensable(errors)):
        yield
