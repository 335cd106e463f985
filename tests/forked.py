"""The zoo's commands, each in a process of its own that is forked from one which has imported the
zoo: as a user's command it begins with nothing done, and it need not wait for imports."""

import multiprocessing
import os
import sys
import tempfile
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess

from zoo.cli import main

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["zoo.cli.train", "zoo.cli.evaluate", "zoo.cli.predict", "zoo.plots"])


def begin(
    words: list[str], out: Path, err: Path | None = None, *, folder: Path | None = None, **env: str
) -> BaseProcess:
    """Start `zoo WORDS` in a folder, what it prints to two files, or both to one."""
    given = (words, out, err or out, folder or Path.cwd(), {**os.environ, **env})
    process = _FORKS.Process(target=_run, args=given)
    process.start()
    return process


def run(words: list[str], folder: Path, **env: str) -> "CompletedProcess[str]":
    """`zoo WORDS` run to its end in a folder, and what it printed."""
    with tempfile.TemporaryDirectory() as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        process = begin(words, out, err, folder=folder, **env)
        process.join()
        code = process.exitcode
        assert code is not None
        return CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _run(words: list[str], out: Path, err: Path, folder: Path, env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    for stream, path in ((1, out), (2, err)):
        with path.open("a") as file:
            os.dup2(file.fileno(), stream)
    os.chdir(folder)
    sys.path[0] = ""  # as by `python -m zoo`
    main(words)
