"""`python -m tests.torture.kill --kills 100`: kill -9 a run again and again, resume, compare bits.

A run that is never stopped gives the weights, metrics and last checkpoint; every other one is
killed at random instants, in its start, its steps, its checkpoints, its end, and goes on each time
with `--resume`. All files must then be those of the first, byte by byte.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRAIN = [sys.executable, str(ROOT / "scripts" / "train.py")]
RUN = (
    "--model odenet --dataset moons --dataset.n 300 --steps {steps} --batch-size 32 --ema 0.99 "
    "--optimiser adamw --schedule cosine --warmup 50 --patience 100 --eval-every 200 "
    "--solver.rtol 1e-2 --rtol-start 1e-1 --checkpoint-every 100 --no-figures"
)
COMPARED = ("model.safetensors", "metrics.jsonl", "config.json")


def start(folder: Path, steps: int) -> subprocess.Popen:
    """The training command on a folder, new or begun."""
    options = [*RUN.format(steps=steps).split(), "--out", str(folder), "--resume"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen([*TRAIN, *options], cwd=ROOT, **quiet)


def finish(folder: Path, steps: int) -> float:
    """Run to the end; the seconds it took. Raises where it does not end well."""
    began = time.monotonic()
    process = start(folder, steps)
    _, words = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"exit {process.returncode}: {words.decode()[-2000:]}")
    return time.monotonic() - began


def killed(folder: Path, steps: int, after: float) -> str | None:
    """Start, kill -9 after some seconds, and say where that was; None if it had ended before."""
    process = start(folder, steps)
    try:
        process.wait(after)
        return None
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    checkpoints = sorted(folder.glob("checkpoints/step-*"))
    if not checkpoints:
        return "before the first checkpoint"
    ended = (folder / "model.safetensors").is_file()
    return "after the weights" if ended else f"after {checkpoints[-1].stem}"


def differences(folder: Path, reference: Path) -> list[str]:
    """Which of the compared files, and of the last checkpoint's, are not the reference's."""
    last = max(p.name for p in reference.glob("checkpoints/step-*"))
    names = [*COMPARED, f"checkpoints/{last}"]
    same = lambda name: (folder / name).read_bytes() == (reference / name).read_bytes()  # noqa: E731
    return [name for name in names if not (folder / name).is_file() or not same(name)]


def torture(kills: int, a_run: int, steps: int, seed: int, base: Path) -> list[str]:
    """Kill until there were `kills`, at most `a_run` in each run; the differences found."""
    rng = random.Random(seed)
    finish(base / "reference", steps)
    whole = finish(base / "again", steps)  # with compiled programs kept, as all that follow
    found = [f"undisturbed: {name}" for name in differences(base / "again", base / "reference")]
    done, number = 0, 0
    while done < kills:
        number += 1
        folder, places = base / f"run-{number}", []
        while len(places) < min(a_run, kills - done):
            place = killed(folder, steps, rng.uniform(0.5, whole))
            if place is None:
                break
            places.append(place)
        finish(folder, steps)
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
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        found = torture(options.kills, options.a_run, options.steps, options.seed, Path(base))
    print(f"{options.kills} kills: {found or 'all bitwise'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
