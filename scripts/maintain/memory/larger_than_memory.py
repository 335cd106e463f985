"""A data set of 20 GB trains in 2 GB of the program's own memory.

    python -m memory.larger_than_memory --folder rows

from scripts/maintain. The rows are a sparse file: a hole on disk, of which every 97th row is
written, so that 20 GB of data take 0.4 GB of the disk. What the program holds is measured as
`RssAnon` of /proc/PID/status while it runs: pages of a mapped file are the system's, which takes
them back where it needs them.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

FEATURES = 1024
WRITTEN = 97  # of so many rows one is more than a hole
KEPT = Path(__file__).with_name("larger_than_memory.json")
OPTIONS = (
    *("--model", "odenet", "--model.lift", "16", "--solver.rtol", "1e-2", "--steps", "300"),
    *("--dataset", "npz", "--dataset.stream", "True", "--dataset.split", "98/1/1"),
    *("--batch-size", "256", "--eval-every", "300", "--no-figures"),
)


def write_rows(folder: Path, gigabytes: float) -> int:
    """Write x.npy, mostly a hole, and y.npy; how many rows there are."""
    rows = int(gigabytes * 1e9 / (4 * FEATURES))
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float32, (rows, FEATURES))
    random = np.random.default_rng(0)
    labels = np.zeros(rows, np.uint8)
    for begin in range(0, rows, WRITTEN * 1000):
        some = np.arange(begin, min(begin + WRITTEN * 1000, rows), WRITTEN)
        x[some] = random.standard_normal((len(some), FEATURES), np.float32)
        labels[some] = 1 + (x[some, :8].sum(axis=1) > 0)
    x.flush()
    np.save(folder / "y.npy", labels)
    return rows


def own_memory(pid: int) -> int:
    """The bytes that a program holds for itself; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon")), 0)


def watched(command: list[str]) -> tuple[int, float]:
    """The most memory that a command held, in bytes, and how long it took."""
    began, most = time.perf_counter(), 0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            most = max(most, own_memory(process.pid))
            time.sleep(0.2)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}.")
    return most, time.perf_counter() - began


def main() -> None:
    """Write the rows, train on them, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="for the rows; a temporary one if not given")
    parser.add_argument("--gigabytes", type=float, default=20.0)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    count = write_rows(folder, given.gigabytes)
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    train = ["-m", "zoo", "train", *OPTIONS, "--dataset.path", str(folder), "--out", str(out)]
    most, seconds = watched([sys.executable, *train])
    on_disk = 512 * (folder / "x.npy").stat().st_blocks
    told = {
        "command": "python -m zoo train " + " ".join([*OPTIONS, "--dataset.path", "FOLDER"]),
        "bytes_of_data": (folder / "x.npy").stat().st_size,
        "bytes_on_disk": on_disk,
        "rows": count,
        "most_own_memory_bytes": most,
        "seconds": round(seconds, 1),
        "card": [line for line in (out / "card.md").read_text().splitlines() if "| accur" in line],
    }
    print(json.dumps(told, indent=2))
    KEPT.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
