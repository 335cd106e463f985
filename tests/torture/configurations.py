"""`python -m tests.torture.configurations --count 1000`: signed weight files that ask for anything.

Each has the weights of a good file and a configuration in which entries are swapped for values of
another type, extremes, paths of devices, nothing, or more; half of them tell the rest of the model
to fit. Each is given to `zoo.load`, `evaluate`, `predict` and `train --from`. What is refused is
refused in words, within two seconds and 500 MB, and nothing but regular files is opened.
"""

import argparse
import collections
import contextlib
import io
import os
import random
import shutil
import signal
import stat
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

import zoo
from zoo.checkpoint import read
from zoo.cli import main as command
from zoo.runs.config import RunConfig
from zoo.runs.prepare import prepare

from .swapped import resigned, swapped, values

SECONDS, MEGABYTES = 2.0, 500
"""What a refusal may take, of one processor and beyond what was held before."""
PATIENCE = 120
"""Seconds after which what was accepted is ended."""
FILE = Path("hostile.safetensors")
OF_A_MODEL = ("model", "in_size", "out_size", "options", "use")
"""What a run that starts from a file takes of its configuration."""


class End(NamedTuple):
    """How a door took a file, and what that cost."""

    words: str
    seconds: float
    megabytes: float

    @property
    def refused(self) -> bool:
        """Whether it was turned away, rather than used."""
        return self.words.startswith(("refused", "exit 2", "exit 3"))

    def fault(self) -> str | None:
        """What is wrong with it, if anything is."""
        if self.words.startswith(("traceback", "exit 1:")):
            return self.words
        if self.refused and self.seconds > SECONDS:
            return f"{self.seconds:.1f} s until {self.words}"
        if self.megabytes > MEGABYTES:
            return f"{self.megabytes:.0f} MB until {self.words}"
        return None


def doors() -> dict[str, Callable[[], object]]:
    """The ways in which a weight file can come in."""
    file, done = str(FILE), ("--output", "out.csv", "--overwrite")
    begin = ("--dataset", "moons", "--dataset.n", "60", "--steps", "1", "--no-figures")
    return {
        "load": lambda: zoo.load(FILE),
        "evaluate": lambda: command(["evaluate", file]),
        "predict": lambda: command(["predict", file, "--input", "new.csv", *done]),
        "from": lambda: command(["train", "--from", file, *begin, "--out", "begun"]),
    }


def good_files() -> list[tuple[bytes, dict]]:
    """Weight files of several kinds of models and data, and their configurations."""
    rows = "".join(f"{i % 7},{'ab'[i % 2]},{i}.5\n" for i in range(40))
    Path("table.csv").write_text(f"size,kind,rent\n{rows}")
    Path("new.csv").write_text("size,kind\n1,0\n0,1\n")
    x = np.arange(80.0).reshape(40, 2)
    np.savez("arrays.npz", x=x, y=np.arange(40) % 2)
    os.mkfifo("pipe")
    os.mknod("socket", stat.S_IFSOCK | 0o600)
    solver, small = {"rtol": 1e-2, "steps": None}, {"width": 4, "depth": 1}
    kinds = [
        ("mlp", small, "moons", {"n": 60}),
        ("odenet", {"dynamics_options": small, "solver": solver}, "moons", {"n": 60}),
        ("odenet", {"dynamics": "concat_squash", "dynamics_options": small}, "cubic", {"n": 30}),
        ("resnet", {"width": 4, "shared": True}, "circles", {"n": 60}),
        ("mlp", small, "csv", {"path": "table.csv", "missing": "mean"}),
        ("mlp", small, "npz", {"path": "arrays.npz"}),
    ]
    files = []
    for model, options, dataset, settings in kinds:
        names = {"model": model, "dataset": dataset}
        given = {"model_options": options, "dataset_options": settings, "training": {"steps": 1}}
        run = prepare(RunConfig(**names, **given))
        zoo.save(FILE, run.model, run.config.to_json())
        files.append((FILE.read_bytes(), read(FILE)[0]["config"]))
    return files


def attempt(door: Callable[[], object]) -> End:
    """Give the file to a door, and measure."""
    held, began = _peak(anew=True), time.process_time()
    words = _ended(door)
    took, grown = time.process_time() - began, _peak() - held
    shutil.rmtree("begun", ignore_errors=True)
    return End(words, took, grown)


def _ended(door: Callable[[], object]) -> str:
    told = io.StringIO()
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(told):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stdout(told):
                door()
        return "done"
    except zoo.ZooError as error:
        return f"refused: {str(error)[:200]}"
    except SystemExit as end:
        return f"exit {end.code}: {told.getvalue()[-200:]}"
    except BaseException as error:
        return f"traceback: {repr(error)[:300]}"
    finally:
        signal.alarm(0)


def _peak(anew: bool = False) -> float:
    """The most memory held, in MB; from now on, where `anew`."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    held = next(line for line in lines if line.startswith("VmHWM:"))
    return int(held.split()[1]) / 1024


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """A list of what is opened that is no regular file."""
    opened: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple) -> None:
        if not watching or event != "open" or not isinstance(arguments[0], str | bytes | Path):
            return
        with contextlib.suppress(OSError, ValueError):
            kind = stat.S_IFMT(os.stat(arguments[0]).st_mode)
            if kind not in (stat.S_IFREG, stat.S_IFDIR):
                opened.append(f"opened {arguments[0]!r}")

    sys.addaudithook(hook)
    yield opened
    watching.clear()


def torture(count: int, seed: int) -> tuple[collections.Counter[str], dict[str, End], list[str]]:
    """How often each door did what, the costliest refusals by door, and what was wrong."""
    rng, pool, files = random.Random(seed), values(), good_files()
    ends: collections.Counter[str] = collections.Counter()
    worst: dict[str, End] = {}
    found: list[str] = []

    def impatient(*_: object) -> None:
        raise TimeoutError(f"no end after {PATIENCE} s")

    signal.signal(signal.SIGALRM, impatient)
    with watched() as opened:
        for whole, _ in files[:2]:  # what is good, so that all is imported
            FILE.write_bytes(whole)
            for door in doors().values():
                attempt(door)
        for number in range(count):
            if number % 100 == 0:
                print(f"{number} of {count}: {len(found)} faults", file=sys.stderr, flush=True)
                jax.clear_caches()  # or programs of everything that was taken stay in memory
            whole, config = rng.choice(files)
            asked, what = swapped(config, rng, pool)
            FILE.write_bytes(resigned(whole, asked, fitting=rng.random() < 0.5))
            for name, door in doors().items():
                if name == "from" and all(asked.get(part) == config[part] for part in OF_A_MODEL):
                    continue  # a run like that of the good file, for seconds
                opened.clear()
                end = attempt(door)
                ends[f"{name}: {end.words.split(':')[0]}"] += 1
                faults = [*filter(None, [end.fault()]), *opened]
                found += [f"{number}, {name}, {config['model']}: {what}: {f}" for f in faults]
                if faults:
                    print(found[-1][:500], file=sys.stderr, flush=True)
                if end.refused and end.seconds > worst.get(name, end._replace(seconds=0)).seconds:
                    worst[name] = end
    return ends, worst, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ["ZOO_COMPILE_CACHE"] = f"{folder}/compiled"  # what is taken compiles much alike
        ends, worst, found = torture(options.count, options.seed)
    for told, times in sorted(ends.items()):
        print(f"{times:>6}  {told}")
    for name, end in worst.items():
        print(f"costliest refusal by {name}: {end.seconds:.2f} s, {end.megabytes:.0f} MB")
    print("\n".join(found[:50]))
    print(f"{options.count} configurations, {len(doors())} doors: {len(found)} faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
