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
from pathlib import Path

from zoo.checkpoint import read
from zoo.cli import main as command
from zoo.errors import CheckpointError

from .damage import Damage

RUN = (
    "--model mlp --dataset moons --dataset.n 100 --model.width 8 --model.depth 1 --steps 20 "
    "--checkpoint-every 10 --eval-every 5 --ema 0.9"
)
OTHERS = ("evaluate", "predict", "plot", "sweep")
ALLOWED = {0, 2, 3}
OWN = ("checkpoints/.lock", "checkpoints/.pid")


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
    ended_at = b"| steps | 20 (" in after.get("card.md", b"") and newest_sound(folder) == 20
    if same_config and not ended_at:
        found.append("no card or checkpoint of the last step")
    kept = rows_before(before.get("metrics.jsonl", b""), whole["metrics.jsonl"], step)
    if not set(kept) <= set(after.get("metrics.jsonl", b"").splitlines(keepends=True)):
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
