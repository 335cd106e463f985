"""How long tables take to read, split and standardise, beside NumPy's own reading of them.

python -m benchmarks.tables        from scripts/maintain/; writes tables.json
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .clock import spread
from .drive import FOLDER, keep

RESULTS = FOLDER / "tables.json"


def _numbers(rows: int, columns: int) -> Iterator[str]:
    """Lines of numbers under a header."""
    draw = np.random.default_rng(0)
    yield ",".join(f"x{i}" for i in range(columns))
    for begin in range(0, rows, 10_000):
        for row in draw.standard_normal((min(10_000, rows - begin), columns)).tolist():
            yield ",".join(format(value, ".10g") for value in row)


def _mixed(rows: int) -> Iterator[str]:
    """Lines of numbers, one cell of a hundred empty, counts, categories and labels."""
    draw = np.random.default_rng(0)
    yield "a,b,c,d,e,f,count,kind,flag,label"
    for begin in range(0, rows, 10_000):
        values = draw.standard_normal((min(10_000, rows - begin), 6)).tolist()
        for i, row in enumerate(values, begin):
            cells = [format(value, ".6g") for value in row]
            cells[2] = "" if i % 100 == 7 else cells[2]
            label = "yes" if row[0] > 0 else "no"
            yield ",".join(
                [*cells, str(i % 977), ("red", "green", "blue")[i % 3], str(i % 2), label]
            )


def _long(rows: int, times: int) -> Iterator[str]:
    """Lines of series, one a time, in no order: ids, dates, gaps in the values, a label."""
    draw = np.random.default_rng(0)
    start = np.datetime64("2001-03-04T05:06:07")
    yield "id,time,a,b,c,label"
    values, gaps = draw.standard_normal((rows, 3)), draw.uniform(size=(rows, 3)) < 0.2
    for i in draw.permutation(rows).tolist():
        series, place = divmod(i, times)
        cells = ["" if gap else f"{v:.6g}" for v, gap in zip(values[i], gaps[i], strict=True)]
        when = str(start + np.timedelta64(900 * place + series % 60, "s"))
        yield ",".join([f"p{series:05d}", when, *cells, ("ill", "well")[series % 2]])


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "1,000,000 x 10": lambda: _numbers(1_000_000, 10),
    "1,000,000 x 10, words and gaps": lambda: _mixed(1_000_000),
    "100 x 20,000": lambda: _numbers(100, 20_000),
    "100 x 40,000": lambda: _numbers(100, 40_000),
    "200,000 long rows of series": lambda: _long(200_000, 100),
}


def _zoo(path: str) -> None:
    import zoo

    zoo.load_dataset("csv", path=path, missing="mean")


def _series(path: str) -> None:
    import zoo

    zoo.load_dataset("csv_series", path=path, label="label")


def _loadtxt(path: str) -> None:
    np.loadtxt(path, delimiter=",", skiprows=1)


def _genfromtxt(path: str) -> None:
    np.genfromtxt(path, delimiter=",", skip_header=1)


OURS = {"zoo": _zoo, "zoo, as series": _series}
READERS = {**OURS, "numpy.loadtxt": _loadtxt, "numpy.genfromtxt": _genfromtxt}
USUAL = ("zoo", "numpy.loadtxt", "numpy.genfromtxt")
ONLY = {  # loadtxt reads no words
    "1,000,000 x 10, words and gaps": ("zoo", "numpy.genfromtxt"),
    "200,000 long rows of series": ("zoo, as series", "numpy.genfromtxt"),
}


def read_once(reader: str, path: str) -> dict[str, float]:
    """Seconds, those of the processor, and the most MB of this process beyond its start."""
    import zoo  # noqa: F401  not part of what is timed

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    READERS[reader](path)
    return {
        "seconds": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def measure(path: str, readers: tuple[str, ...], rounds: int) -> dict[str, Any]:
    """{reader: median and quartiles of each figure}, rounds interleaved, a process for each."""
    runs: dict[str, list[dict[str, float]]] = {reader: [] for reader in readers}
    for _ in range(rounds):
        for reader in readers:
            command = [sys.executable, "-m", "benchmarks.tables", "--read", reader, path]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            runs[reader].append(json.loads(done.stdout))
    figures = ("seconds", "processor", "megabytes")
    return {
        reader: {figure: list(spread([run[figure] for run in each])) for figure in figures}
        for reader, each in runs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--read", nargs=2, metavar=("READER", "PATH"))
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read_once(*options.read)))
        return
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            with path.open("w") as file:
                file.writelines(f"{line}\n" for line in TABLES[name]())
            found = measure(str(path), ONLY.get(name, USUAL), options.rounds)
            found["bytes"] = path.stat().st_size
        ratio = next(found[reader]["processor"][0] for reader in OURS if reader in found)
        found["over"] = {
            reader: ratio / found[reader]["processor"][0] for reader in found if reader in READERS
        }
        kept[name] = found | {"load average": os.getloadavg()[0], "cores": os.cpu_count()}
        keep(RESULTS, kept)
        print(name, found["over"], flush=True)


if __name__ == "__main__":
    main()
