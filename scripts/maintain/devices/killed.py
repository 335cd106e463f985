"""kill -9 of one of two processes, again and again: the other ends with a word, the run resumes.

    python -m devices.killed [--times 20]

from scripts/maintain. Each time two processes begin the same run; one of them, the first or the
second in turn, is killed at another moment; then both are started again with `--resume`, and the
weights are compared with those of a run that nobody disturbed. A line of `killed.jsonl` each.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import numpy as np
from json_lines import append_line, read_lines

import zoo

KEPT = Path(__file__).with_name("killed.jsonl")
STEPS = 400
COMMAND = (
    *("train", "--model", "mlp", "--dataset", "moons", "--dataset.n", "200"),
    *("--steps", str(STEPS), "--checkpoint-every", "20", "--eval-every", "20", "--no-figures"),
)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as at:
        at.bind(("localhost", 0))
        return int(at.getsockname()[1])


def started(folder: Path, *more: str) -> list[subprocess.Popen[str]]:
    """Both processes of a run in a folder."""
    place = ("--coordinator", f"localhost:{free_port()}", "--processes", "2")
    command = (sys.executable, "-m", "zoo", *COMMAND, *place)
    return [
        subprocess.Popen(
            [*command, "--process", str(process), "--out", str(folder), *more],
            env={**os.environ, "JAX_PLATFORMS": "cpu"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for process in range(2)
    ]


def finished(both: list[subprocess.Popen[str]]) -> None:
    """Wait for a run. Raises `RuntimeError` with what a process said that did not end well."""
    for each in both:
        words = each.communicate(timeout=600)[1]
        if each.returncode:
            raise RuntimeError(words)


def checkpoints(folder: Path) -> int:
    """The step of the newest checkpoint."""
    found = (folder / "checkpoints").glob("step-*.safetensors")
    return max((int(path.stem.removeprefix("step-")) for path in found), default=-1)


def killed(folder: Path, victim: int, step: int) -> dict[str, object]:
    """Begin a run, kill one process once a checkpoint of `step` is there, and go on."""
    both = started(folder)
    while checkpoints(folder) < step:
        if both[victim].poll() is not None:
            raise RuntimeError(both[victim].communicate()[1])
        time.sleep(0.005)
    both[victim].send_signal(signal.SIGKILL)
    began = time.monotonic()
    words = both[1 - victim].communicate(timeout=120)[1]
    both[victim].communicate()
    told = {
        "victim": victim,
        "at": step,
        "code": both[1 - victim].returncode,
        "seconds": round(time.monotonic() - began, 2),
        "word": "start all processes again" in " ".join(words.split()),
        "resumed from": checkpoints(folder),
    }
    finished(started(folder, "--resume"))
    return told


def main() -> None:
    """Disturb as many runs as asked for, and keep how each ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    done = read_lines(KEPT, ("number",))
    with tempfile.TemporaryDirectory() as base:
        finished(started(Path(base) / "whole"))
        whole = jax.tree.leaves(zoo.load(Path(base) / "whole"))
        for number in range(times):
            if (number,) in done:
                continue
            step = random.Random(number).randrange(1, STEPS - 100)
            folder = Path(base) / str(number)
            told = killed(folder, number % 2, step)
            pairs = zip(jax.tree.leaves(zoo.load(folder)), whole, strict=True)
            same = all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in pairs)
            append_line(KEPT, {"number": number, **told, "same bits": same})
            print(number, told, same, flush=True)


if __name__ == "__main__":
    main()
