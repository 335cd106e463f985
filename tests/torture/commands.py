"""`python -m tests.torture.commands --count 1000`: command lines that nobody would type.

Each runs in this process, in a new folder that holds a small run, a table, a module and a pipe. It
must end with an exit code, 0 or 2 to 5, and words; what is refused leaves the folder as it was. A
line that is accepted is stopped where the work would begin; a share `--whole` goes on to its end.
"""

import argparse
import collections
import contextlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from zoo.cli import main as command
from zoo.extensions import _USED

from .command_lines import SMALL, by_chance, by_intent, options

WORK = {
    "train": "zoo.cli.train.carry_out",
    "evaluate": "zoo.cli.evaluate.evaluate_model",
    "predict": "zoo.cli.predict.predict_rows",
    "sweep": "zoo.cli.sweep._makers",
    "plot": "zoo.plots.all_figures",
    "export": "zoo.cli.export.export_model",
    "card": "zoo.cli.card.reported",
    "report": "zoo.cli.report.reported",
}
"""Where the work of a command begins."""
ENDS = (0, 2, 3, 4, 5)
SECONDS = 60


class Began(SystemExit):
    """A line was accepted."""


class Late(BaseException):
    """A line takes too long; nothing on the way is to take it for an error of its own."""


@dataclass(frozen=True)
class End:
    """How a line ended."""

    code: object
    printed: str
    crash: str
    began: bool
    changed: list[str]

    def faults(self) -> list[str]:
        """What is wrong with it."""
        refused = self.code in (2, 3, 5) and not self.began
        silent = self.code != 0 and not self.printed.strip()
        return [
            *([f"traceback: {self.crash}"] if self.crash else []),
            *([f"exit code {self.code!r}"] if not self.crash and self.code not in ENDS else []),
            *(["no word"] if silent and not self.crash else []),
            *([f"left {', '.join(self.changed)}"] if refused and self.changed else []),
        ]


def furnished(folder: Path) -> None:
    """What the lines find in their folder: a small run, a table, a page, a module, a pipe."""
    quiet = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stderr(quiet),
        contextlib.redirect_stdout(quiet),
    ):
        command(["train", "--model", "mlp", "--dataset", "moons", *SMALL, "--out", "run"])
    (folder / "new.csv").write_text("x0,x1\n" + "0.5,-0.5\n" * 3)
    (folder / "page.md").write_text("text\n")
    (folder / "mymodule.py").write_text("")


def ran(words: list[str], furniture: Path, whole: bool) -> End:
    """A line in a copy of the furnished folder."""
    printed, began, crash, code = io.StringIO(), [], "", 0

    def begin(*_: object, **__: object) -> None:
        began.append(True)
        raise Began(0)

    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "here"
        shutil.copytree(furniture, folder)
        os.mkfifo(folder / "pipe")
        before = _content(folder)
        with contextlib.ExitStack() as stack:
            for each in (contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed)):
                stack.enter_context(each)
            for each in (contextlib.chdir(folder), _alone(), _timed()):
                stack.enter_context(each)
            if words and words[0] in WORK and not whole:
                stack.enter_context(mock.patch(WORK[words[0]], begin))
            try:
                command(words)
            except SystemExit as end:
                code = end.code
            except BaseException as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                crash = f"{error!r:.300} ({last.filename}:{last.lineno})"
        after = _content(folder)
        changed = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
    return End(code, printed.getvalue(), crash, bool(began), changed)


def _content(folder: Path) -> dict[str, bytes | None]:
    paths = folder.rglob("*")
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in paths}


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with (
        mock.patch.dict(_USED),
        mock.patch("sys.path", [*sys.path]),
        mock.patch("sys.argv", ["zoo"]),
        mock.patch.dict(os.environ, COLUMNS="80"),
        mock.patch("warnings.formatwarning"),
        warnings.catch_warnings(),
    ):
        yield


@contextlib.contextmanager
def _timed() -> Iterator[None]:
    def late(*_: object) -> None:
        raise Late(f"not ended after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def torture(
    count: int, whole: float, seed: int, furniture: Path
) -> tuple[collections.Counter[str], list[str]]:
    """How often each end came, and what is wrong with lines made by chance."""
    rng, known = random.Random(seed), options()
    ends: collections.Counter[str] = collections.Counter()
    found = []
    for _ in range(count):
        words = by_chance(rng, known)
        end = ran(words, furniture, whole=rng.random() < whole and "--steps" not in words)
        ends[f"{end.code}, begun" if end.began else f"{end.code}"] += 1
        found += [f"{words!r:.400}: {fault}" for fault in end.faults()]
    return ends, found


def intended(furniture: Path, part: slice = slice(None)) -> list[str]:
    """What is wrong with lines made by intent: as above, another exit code, other words."""
    found = []
    for case in by_intent()[part]:
        end = ran(case.words, furniture, whole=False)
        faults = end.faults()
        told = " ".join(end.printed.replace("│", " ").split())
        faults += [f"exit code {end.code!r} for {case.code}"] if end.code != case.code else []
        faults += [f"does not say {case.says!r}: {told:.200}"] if case.says not in told else []
        found += [f"{case.words!r:.300}: {fault}" for fault in faults]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--whole", type=float, default=0.0, help="share that runs to its end")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        furnished(Path(folder))
        wrong = intended(Path(folder))
        ends, found = torture(chosen.count, chosen.whole, chosen.seed, Path(folder))
    for end, times in ends.most_common():
        print(f"{times:>6}  exit {end}")
    for each in (*wrong, *found):
        print(each)
    told = "no traceback, nothing left" if not found else f"{len(found)} faults"
    print(f"{len(by_intent())} by intent: {len(wrong)} faults; {chosen.count} by chance: {told}")
    sys.exit(bool(wrong or found))


if __name__ == "__main__":
    main()
