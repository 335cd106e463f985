"""`python -m tests.torture.tables --count 5000`: files of arrays and text, damaged or made to harm.

Each goes through `zoo.load_dataset`, and one of three through what `predict` reads new rows with.
It must be read, or refused in the zoo's own words, within memory that its headers account for.
"""

import argparse
import collections
import random
import resource
import sys
import tempfile
import time
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import zoo
from zoo.cli.prediction_files import read_rows
from zoo.datasets.files.npz_members import MOST, MOST_TIMES
from zoo.datasets.preparation import TablePreparation
from zoo.errors import ZooError

from .texts import OPTIONS, mutated_text
from .zips import mutated_zip

ALLOWED = 200 * 2**20
"""Bytes that may be taken beside twice those that checked headers declare."""
SLOW = 60
"""Seconds of the processor after which a file counts as one that never ends."""
NEW_ROWS = TablePreparation(tasks=("regression",), in_size=3, target_names=("y",))


def peak_memory(action: Callable[[], object]) -> tuple[int, object]:
    """The most bytes that were allocated at a time in a call, and what it gave."""
    tracemalloc.start()
    try:
        return_value = action()
        return tracemalloc.get_traced_memory()[1], return_value
    finally:
        tracemalloc.stop()


def declared(path: Path) -> int:
    """Bytes that the headers of an .npz file declare, 0 where they cannot be true or read."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except Exception:
        return 0
    size = path.stat().st_size
    return unpacked if unpacked <= max(MOST, MOST_TIMES * size) else 0


def outcome(path: Path, rng: random.Random) -> str:
    """How reading a file ended: `read`, the beginning of a refusal, or a traceback."""
    kind = "npz" if path.suffix == ".npz" else "csv"
    options = {} if kind == "npz" else {k: rng.choice(v) for k, v in rng.choice(OPTIONS).items()}
    told = []
    try:
        zoo.load_dataset(kind, path=str(path), **options)
        told.append("read")
    except ZooError as error:
        told.append(f"{type(error).__name__}, exit {error.exit_code}: {_begin(error, path)}")
    if rng.random() < 1 / 3:
        try:
            read_rows(str(path), NEW_ROWS).inputs(NEW_ROWS)
        except ZooError as error:
            told.append(f"predict, exit {error.exit_code}")
    return told[0]


def _begin(error: ZooError, path: Path) -> str:
    words = str(error).replace(str(path), "FILE").split()
    return " ".join(word for word in words[:6] if word.isascii() and len(word) < 20)


def torture(count: int, seed: int, folder: Path) -> tuple[collections.Counter[str], list[str]]:
    """How often each outcome came, and what must not be."""
    rng, ends, found = random.Random(seed), collections.Counter[str](), []
    for number in range(count):
        is_zip = number % 2 == 0
        how, data = mutated_zip(rng) if is_zip else mutated_text(rng)
        path = folder / ("data.npz" if is_zip else "data.csv")
        path.write_bytes(data)
        began, name = time.process_time(), f"{number} ({how})"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                peak, told = peak_memory(lambda path=path: outcome(path, rng))
        except BaseException as error:
            found.append(f"{name}: {error!r}")
            continue
        ends[str(told)] += 1
        if ", exit " in str(told) and ", exit 2" not in str(told):
            found.append(f"{name}: {told}")
        bound = ALLOWED + (2 * declared(path) if is_zip else 40 * len(data))
        if peak > bound:
            found.append(f"{name}: {peak:,} bytes, where {bound:,} are allowed")
        if time.process_time() - began > SLOW:
            found.append(f"{name}: took {time.process_time() - began:.0f} s")
    return ends, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ends, found = torture(options.count, options.seed, Path(folder))
    for told, times in ends.most_common():
        print(f"{times:>6}  {told}")
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{options.count} files, at most {whole:,} MB: {found[:20] or 'read, or refused in words'}"
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
