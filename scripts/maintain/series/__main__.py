"""The study of series; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m series vowels motions    four models at 0, 30, 50 and 70 % of the points dropped
python -m series report            the tables of zoo/recipes/SERIES.md, of these and the ledger
"""

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from processes import each_result

from .contenders import DROPS, MODELS, SEEDS
from .report import report
from .store import RUNS, Trial, append, read
from .trial import run

CLASSES = ("vowels", "motions")


def trials_of(part: str) -> Iterator[Trial]:
    """The runs of a part: five seeds of the neural CDE on the vowels at 0 and 70 %, else one."""
    for drop, model in itertools.product(DROPS, MODELS):
        seeds = SEEDS.get((part, model, drop), 1)
        yield from (Trial(f"{part}-{model}", drop, seed) for seed in range(seeds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=(*CLASSES, "report"))
    parser.add_argument("--store", type=Path, default=RUNS, help="where runs are kept")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args()
    parts = [part for part in given.parts if part != "report"]
    wanted = [trial for part in parts for trial in trials_of(part)]
    _run([each for each in wanted if each not in read(given.store)], given.store, given.jobs)
    if "report" in given.parts:
        report(given.store)


def _run(left: Sequence[Trial], store: Path, jobs: int) -> None:
    began = time.perf_counter()
    for number, (trial, found) in enumerate(each_result(run, left, jobs), start=1):
        append(store, trial, found)
        print(f"{number} of {len(left)} after {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
