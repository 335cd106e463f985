"""`python -m tests.torture.folders --count 300`: run folders with something done to each, resumed.

A finished run and one that was killed half-way are copied and damaged: bytes flipped or cut in
any file, files replaced by folders or removed, values of `config.json` changed to another type,
rows of the metrics log changed, files of others added. Each copy is then given to a command, most
to `train --resume`. Every command must end in the zoo's own words; one that refuses changes
nothing, and one that goes on keeps what is good and ends in the same bits.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoo.checkpoint import read
from zoo.cli import main as command
from zoo.errors import CheckpointError

RUN = (
    "--model mlp --dataset moons --dataset.n 100 --model.width 8 --model.depth 1 --steps 20 "
    "--checkpoint-every 10 --eval-every 5 --ema 0.9"
)
OTHERS = ("evaluate", "predict", "plot", "sweep")
VALUES = (None, True, 7, -3, 1.5, 1e400, 10**400, "text", "", [], [1], {}, {"a": 1})
ALLOWED = {0, 2, 3}
OWN = ("checkpoints/.lock", "checkpoints/.pid")


class Damage:
    """What is done to a copy of a run's folder, and the files in it that are a user's own."""

    def __init__(self, folder: Path, rng: random.Random, weights: bytes) -> None:
        self.folder, self.rng, self.weights = folder, rng, weights
        self.told: list[str] = []
        self.theirs: set[Path] = set()

    def some(self, count: int) -> None:
        """Do `count` things, chosen at random."""
        ways: list[Callable[[], str]] = [
            *(self.flip, self.cut, self.remove, self.empty),
            *(self.to_folder, self.to_file, self.value, self.value, self.row, self.row, self.add),
        ]
        self.told += [self.rng.choice(ways)() for _ in range(count)]

    def flip(self) -> str:
        path, data = self._file()
        for _ in range(self.rng.choice([1, 1, 8])):
            at = self.rng.randrange(max(len(data), 1))
            data[at : at + 1] = bytes([self.rng.randrange(256)])
        path.write_bytes(data)
        return f"flipped {path.name}"

    def cut(self) -> str:
        path, data = self._file()
        path.write_bytes(data[: self.rng.randrange(len(data) + 1)])
        return f"cut {path.name}"

    def remove(self) -> str:
        path, _ = self._file()
        path.unlink()
        return f"removed {path.name}"

    def empty(self) -> str:
        path, _ = self._file()
        path.write_bytes(b"")
        return f"emptied {path.name}"

    def to_folder(self) -> str:
        path, _ = self._file()
        path.unlink()
        path.mkdir()
        self._mine(path / "mine.txt")
        return f"a folder for {path.name}"

    def to_file(self) -> str:
        path = self.folder / self.rng.choice(["checkpoints", "figures"])
        if path.is_dir():
            shutil.rmtree(path)
        path.write_bytes(b"a file")
        return f"a file for {path.name}"

    def value(self) -> str:
        """Change a value of the configuration, at any depth."""
        path = self.folder / "config.json"
        try:
            config = json.loads(path.read_text())
        except (ValueError, OSError):
            return "no configuration left"
        inside: Any = {"": config}
        key: Any = ""
        while isinstance(inside[key], dict | list) and inside[key] and self.rng.random() < 0.85:
            inside = inside[key]
            keys = list(inside) if isinstance(inside, dict) else range(len(inside))
            key = self.rng.choice(keys)
        inside[key] = self.rng.choice(VALUES)
        whole = config if key != "" else inside[""]
        path.write_text(json.dumps(whole, indent=2))
        return f"config.json {key} = {str(inside[key])[:20]}"

    def row(self) -> str:
        """Change, double or take out a line of the metrics log."""
        path = self.folder / "metrics.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
        if not lines:
            return "no log left"
        at = self.rng.randrange(len(lines))
        try:
            row = json.loads(lines[at])
            key = self.rng.choice([*row, "step"])
            row[key] = self.rng.choice(VALUES)
            changed = json.dumps(row).encode() + b"\n"
        except (ValueError, TypeError):
            changed = b"{}\n"
        lines[at] = self.rng.choice([changed, changed, b"nonsense\n", b"", b"\xff\x00\n", b"[1]\n"])
        if self.rng.random() < 0.2:
            lines.insert(at, lines[at])
        path.write_bytes(b"".join(lines))
        return f"row {at + 1}"

    def add(self) -> str:
        """Add a file of another program, or one that looks like the run's."""
        names = ["notes.txt", ".notes.tmp", ".card.md", "checkpoints/.mine.tmp", "checkpoints/best"]
        names += [f"checkpoints/step-{n}.safetensors" for n in ("000000999", "000000001", "best")]
        path = self.folder / self.rng.choice(names)
        if path.exists() or not path.parent.is_dir():
            return "nothing added"
        self._mine(path, self.weights if path.suffix == ".safetensors" else b"mine")
        return f"added {path.name}"

    def _file(self) -> tuple[Path, bytearray]:
        files = [p for p in sorted(self.folder.rglob("*")) if p.is_file() and p not in self.theirs]
        path = self.rng.choice([p for p in files if p.name != ".lock"] or files)
        return path, bytearray(path.read_bytes())

    def _mine(self, path: Path, content: bytes = b"mine") -> None:
        path.write_bytes(content)
        self.theirs.add(path)


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder, but for those that say who holds it."""
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in OWN}


def ended(*argv: str) -> tuple[int | None, str]:
    """The exit code of a command and what it printed; None for an error that is not the zoo's."""
    words = io.StringIO()
    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(words)
    try:
        with quiet[0], quiet[1], warnings.catch_warnings():
            command(list(argv))
        return 0, words.getvalue()
    except SystemExit as end:
        return int(end.code or 0), words.getvalue()
    except BaseException as error:
        return None, f"{type(error).__name__}: {error}"


def newest_sound(folder: Path) -> int:
    """The step of the newest sound checkpoint; -1 for none."""
    steps = [-1]
    for path in (folder / "checkpoints").glob("step-*.safetensors"):
        with contextlib.suppress(CheckpointError):
            header, arrays = read(path)
            steps += [int(arrays["step"])] if header["kind"] == "state" else []
    return max(steps)


def rows_before(log: bytes, whole: bytes, step: int) -> list[bytes]:
    """The lines of a log that are as they were in the whole one, and from before a step."""
    good = {line: json.loads(line) for line in whole.splitlines(keepends=True)}
    before = {line for line, row in good.items() if row["step"] < step}
    return [line for line in log.splitlines(keepends=True) if line in before]


def lost(before: dict[str, bytes], after: dict[str, bytes], damage: Damage, code: int) -> list[str]:
    """What a command changed that it must not."""
    if code:
        return [
            f"changed {n}" for n in before.keys() | after.keys() if before.get(n) != after.get(n)
        ]
    theirs = [path.relative_to(damage.folder).as_posix() for path in damage.theirs]
    return [f"lost {name}" for name in theirs if before.get(name) != after.get(name)]


def wrongly_resumed(
    folder: Path, before: dict[str, bytes], whole: dict[str, bytes], step: int
) -> list[str]:
    """What is not as it should be where a run went on from the checkpoint of a step to its end."""
    after = content(folder)
    same_config = before.get("config.json") == whole["config.json"]
    found = []
    if same_config and after.get("model.safetensors") != whole["model.safetensors"]:
        found.append("other weights")
    if same_config and (
        newest_sound(folder) != 20 or "| steps | 20 (" not in str(after["card.md"])
    ):
        found.append("no card or checkpoint of the last step")
    kept = rows_before(before.get("metrics.jsonl", b""), whole["metrics.jsonl"], step)
    if not set(kept) <= set(after["metrics.jsonl"].splitlines(keepends=True)):
        found.append("rows were lost")
    return found


def made(base: Path) -> dict[str, Path]:
    """The runs that are copied: a finished one, and one that was killed after ten steps."""
    whole, half = base / "whole", base / "half"
    code, words = ended("train", *RUN.split(), "--out", str(whole))
    if code != 0:
        raise RuntimeError(words)
    shutil.copytree(whole, half)
    for name in ("model.safetensors", "card.md", "checkpoints/step-000000020.safetensors"):
        (half / name).unlink()
    shutil.rmtree(half / "figures")
    return {"whole": whole, "half": half}


def arguments(name: str, folder: Path, base: Path, number: int) -> list[str]:
    """What is typed after a command, of a run's folder."""
    if name == "train":
        return ["--resume", "--no-figures", "--out", str(folder)]
    if name == "predict":
        output = str(base / f"predicted-{number}.csv")
        return [str(folder), "--input", str(base / "new.csv"), "--output", output]
    return [str(folder), *(["--out", str(base / f"plot-{number}")] if name == "plot" else [])]


def torture(
    count: int, seed: int, base: Path, tell: bool = False
) -> tuple[collections.Counter[str], list[str]]:
    """How often each end came, and what was found."""
    rng, ends, found = random.Random(seed), collections.Counter[str](), []
    runs = made(base)
    whole = content(runs["whole"])
    (base / "new.csv").write_text("x0,x1\n0,0\n")
    for number in range(count):
        folder = base / "copy"
        kind = rng.choice(list(runs))
        shutil.copytree(runs[kind], folder)
        damage = Damage(folder, rng, whole["model.safetensors"])
        damage.some(rng.choice([1, 1, 1, 2, 3]))
        before, step = content(folder), newest_sound(folder)
        name = rng.choice(OTHERS) if rng.random() < 0.25 else "train"
        code, words = ended(name, *arguments(name, folder, base, number))
        ends[f"{name}: {code}"] += 1
        wrong = [] if code in ALLOWED else [f"exit {code}: {words[-300:]}"]
        if code is not None:
            wrong += lost(before, content(folder), damage, code)
        if code == 0 and name == "train":
            wrong += wrongly_resumed(folder, before, whole, step)
        found += [f"{number}, {kind}, {name}, {damage.told}: {each}" for each in wrong]
        if tell:
            print(f"{number}, {kind}, {name}, {damage.told}: {code} {words.strip()}", flush=True)
        shutil.rmtree(folder)
    return ends, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tell", action="store_true", help="print each folder's end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        os.chdir(base)
        ends, found = torture(options.count, options.seed, Path(base), options.tell)
    for end, times in sorted(ends.items()):
        print(f"{times:6} {end}")
    print("\n".join(found))
    print(f"{options.count} folders: {len(found)} faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
