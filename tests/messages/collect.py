"""Every case run in a temporary folder of its own, and what its reader sees."""

import contextlib
import io
import os
import re
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import jax

import zoo
from zoo import DATASETS, DYNAMICS, LOSSES, MODELS, RECIPES, REGULARISERS, TASKS
from zoo.cli.plain_text import plain
from zoo.extensions import _USED

from .given import Case, Typed
from .sites import ROOT, Frame

REGISTRIES = (MODELS, DYNAMICS, DATASETS, TASKS, LOSSES, REGULARISERS, RECIPES)
FIXED = (
    (r"\bcases_(\w+)\.py:\d+", r"cases_\1.py:LINE"),
    (r"(/zoo/[\w/]+\.py):\d+", r"\1:LINE"),
    (r"\b[0-9a-f]{64}\b", "DIGEST"),
    (r"\b0x[0-9a-f]{7,}", "ADDRESS"),
    (r"\(process \d+\)", "(process NUMBER)"),
    (r"[\d,]+ are free", "BYTES are free"),
    (r"has [\d,]+ bytes of memory", "has BYTES bytes of memory"),
    (r"offers JAX [\w, ]+:", "offers JAX PLATFORMS:"),
)
"""What differs from one machine or run to the next, and the word that stands for it."""


@dataclass(frozen=True)
class Message:
    """What came of a case: the words as their reader sees them, and where they were raised."""

    title: str
    kind: str
    """Class of the error; empty where the command line found it and raised none."""
    exit_code: int
    words: str
    command: str
    """What was typed; empty for a case in Python."""
    tails: tuple[tuple[Frame, ...], ...]
    """Of the error, and of those of the zoo that it was made from: the innermost frame within the
    zoo, and the one that called it."""


def collect(cases: dict[str, Case]) -> list[Message]:
    """What comes of each case. Raises `AssertionError` for one that is no error of the zoo."""
    return [_message(title, case) for title, case in cases.items()]


def _message(title: str, case: Case) -> Message:
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with _alone(folder), contextlib.redirect_stderr(printed):
                case()
        except (zoo.ZooError, SystemExit) as error:
            return _told(title, case, error, printed.getvalue(), folder)
        except Exception as error:
            raise AssertionError(f"{title}: {error!r} is no error of the zoo") from error
    raise AssertionError(f"{title}: nothing was raised")


def _told(title: str, case: Case, error: BaseException, printed: str, folder: str) -> Message:
    chain = list(_chain(error))
    own = next((e for e in chain if isinstance(e, zoo.ZooError)), None)
    typed = isinstance(case, Typed)
    assert typed == isinstance(error, SystemExit), f"{title}: {error!r}"
    return Message(
        title=title,
        kind="" if own is None else type(own).__name__,
        exit_code=error.code if isinstance(error, SystemExit) else error.exit_code,
        words=_fixed(printed if typed else str(error), folder),
        command=str(case) if typed else "",
        tails=tuple(_tail(each) for each in chain),
    )


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """The current folder, in which a case leaves nothing behind for the next one."""
    registered = [mock.patch.dict(registry._entries) for registry in REGISTRIES]
    with contextlib.ExitStack() as stack:
        for each in (*registered, mock.patch.dict(_USED), mock.patch("sys.path", [*sys.path])):
            stack.enter_context(each)
        stack.enter_context(mock.patch("sys.argv", ["zoo"]))
        stack.enter_context(mock.patch.dict(os.environ, COLUMNS="80", ZOO_COMPILE_CACHE="off"))
        stack.enter_context(jax.enable_x64(False))
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        before = set(sys.modules)
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
                    del sys.modules[name]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error of the zoo and those that it came from."""
    while error is not None:
        if isinstance(error, zoo.ZooError | SystemExit):
            yield error
        error = error.__cause__ or error.__context__


def _tail(error: BaseException) -> tuple[Frame, ...]:
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            file = path.relative_to(ROOT).as_posix()
            frames.append(Frame(file, frame.f_code.co_name, line))
    return tuple(reversed(frames[-2:]))


def _fixed(words: str, folder: str) -> str:
    """The words without what is of this machine and this run."""
    own = str(Path(__file__).parent)
    for path in (os.path.realpath(folder), folder, own, str(ROOT.parent)):
        words = words.replace(path, "FOLDER")
    for pattern, word in FIXED:
        words = re.sub(pattern, word, words)
    return plain("\n".join(line.rstrip() for line in words.rstrip().split("\n")))
