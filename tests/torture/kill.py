"""`python -m tests.torture.kill --kills 100`: kill -9 a run again and again, resume, compare bits.

A run that is never stopped gives the weights, metrics and last checkpoint; every other one is
killed at random instants, in its start, its steps, its checkpoints, its end, and goes on each time
with `--resume`. All files must then be those of the first, byte by byte. With `--more 200` what is
killed is a finished run that goes on to 200 more steps: weights, card, figures and configuration
must in the end be those of its last step, and never those of the old end.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from .. import forked

ROOT = Path(__file__).parents[2]
TRAIN = [sys.executable, str(ROOT / "scripts" / "train.py")]
RUN = (
    "--model odenet --dataset moons --dataset.n 300 --steps {steps} --batch-size 32 --ema 0.99 "
    "--optimiser adamw --schedule cosine --warmup 50 --patience 100 --eval-every 200 "
    "--solver.rtol 1e-2 --rtol-start 1e-1 --checkpoint-every 100 --no-figures --resume"
)
SMALL = (
    "--model mlp --dataset moons --dataset.n 100 --model.width 8 --steps {steps} --batch-size 32 "
    "--ema 0.99 --schedule cosine --eval-every 50 --checkpoint-every 25"
)
MORE = "--resume --steps {steps} --resume-schedule stretch"
COMPARED = ("model.safetensors", "metrics.jsonl", "config.json", "card.md")
# What no two runs share: times, and the commands that made it.
UNLIKE = re.compile(
    rb"(?m)^\| (first step|step\b|programs compiled|peak memory).*$"
    rb"|(?s:^## Made by.*?^## Configuration$)"
)


def start(folder: Path, steps: int, options: str = RUN) -> subprocess.Popen:
    """The training command on a folder, new or begun."""
    words = [*options.format(steps=steps).split(), "--out", str(folder)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen([*TRAIN, *words], cwd=ROOT, **quiet)


def begin(folder: Path, steps: int, options: str) -> BaseProcess:
    """The same, in a process that need not import the zoo anew: what is killed is its work."""
    words = ["train", *options.format(steps=steps).split(), "--out", str(folder)]
    return forked.begin(words, folder.with_suffix(".txt"))


def finish(folder: Path, steps: int, options: str = RUN) -> float:
    """Run to the end; the seconds it took. Raises where it does not end well."""
    began = time.monotonic()
    process = begin(folder, steps, options)
    process.join()
    if process.exitcode != 0:
        words = folder.with_suffix(".txt").read_text()
        raise RuntimeError(f"exit {process.exitcode}: {words[-2000:]}")
    return time.monotonic() - began


def killed(folder: Path, steps: int, after: float, options: str = RUN) -> str | None:
    """Start, kill -9 after some seconds, and say where that was; None if it had ended before."""
    weights, card = folder / "model.safetensors", folder / "card.md"
    before = [changed(weights), changed(card)]
    process = begin(folder, steps, options)
    process.join(after)
    if process.exitcode is not None:
        return None
    process.kill()
    process.join()
    checkpoints = sorted(folder.glob("checkpoints/step-*"))
    if not checkpoints:
        return "before the first checkpoint"
    if changed(card) != before[1]:
        return "after the card"
    return f"after {'the weights' if changed(weights) != before[0] else checkpoints[-1].stem}"


def changed(path: Path) -> int:
    """When a file was last written; 0 where there is none."""
    return path.stat().st_mtime_ns if path.is_file() else 0


def differences(folder: Path, reference: Path) -> list[str]:
    """Which of the compared files, figures and the last checkpoint are not the reference's."""
    last = max(p.name for p in reference.glob("checkpoints/step-*"))
    figures = [path.relative_to(reference).as_posix() for path in reference.glob("figures/*")]
    names = [*COMPARED, f"checkpoints/{last}", *figures]
    return [name for name in names if not same(folder / name, reference / name)]


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same, but for what no two cards share."""
    if not one.is_file():
        return False
    contents = [path.read_bytes() for path in (one, other)]
    if one.name == "card.md":
        contents = [UNLIKE.sub(b"", content) for content in contents]
    return contents[0] == contents[1]


def torture(kills: int, a_run: int, steps: int, seed: int, base: Path, more: int = 0) -> list[str]:
    """Kill until there were `kills`, at most `a_run` in each run; the differences found."""
    rng = random.Random(seed)
    options = MORE if more else RUN
    if more:
        finish(base / "begun", steps, SMALL)
    copy = lambda folder: shutil.copytree(base / "begun", folder) if more else None  # noqa: E731
    for name in ("reference", "again"):
        copy(base / name)
        # The second has compiled programs kept, as all that follow.
        whole = finish(base / name, steps + more, options)
    found = [f"undisturbed: {name}" for name in differences(base / "again", base / "reference")]
    done, number = 0, 0
    while done < kills:
        number += 1
        folder, places = base / f"run-{number}", []
        copy(folder)
        while len(places) < min(a_run, kills - done):
            # A run that goes on is killed in its second half, where it ends.
            after = rng.uniform(0.5 * whole if more else 0.1, whole)
            place = killed(folder, steps + more, after, options)
            whole *= 0.9 if place is None else 1.02  # what else runs here comes and goes
            if place is None:
                break
            places.append(place)
        finish(folder, steps + more, options)
        done += len(places)
        wrong = differences(folder, base / "reference")
        found += [f"run {number}: {name}" for name in wrong]
        print(f"{done} kills, run {number}: {places}, {wrong or 'same bits'}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--a-run", type=int, default=4)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--more", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        found = torture(**vars(options), base=Path(base))
    print(f"{options.kills} kills: {found or 'all bitwise'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
