"""The command line as it was typed, to be shown again: in a card, and in an error's way out."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

_start: list[str] = []
_words: list[str] = []


def remember(name: str, arguments: Sequence[str]) -> None:
    """Note the command that is being run, and its arguments."""
    script = Path(sys.argv[0])
    _start[:] = ["python", sys.argv[0]] if script.name == f"{name}.py" else ["zoo", name]
    _words[:] = [*_start, *arguments]


def program() -> str:
    """How the command is called, without its arguments: `zoo train`."""
    return shlex.join(_start)


def has_typed(option: str) -> bool:
    """Whether an option is among the words of the command: `--out run` or `--out=run`."""
    return any(word.partition("=")[0] == option for word in _words)


def typed(*more: str) -> str:
    """The command that is being run, with more words after it, quoted for a shell."""
    return shlex.join([*_words, *more])
