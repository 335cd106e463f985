"""The study of the defaults; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m defaults screen [NAME ...]     candidates: nine data sets, three models, five splits
python -m defaults test [NAME ...]       on the test splits, once all is chosen: before and after
python -m defaults report                the tables and the figure in the README
"""

import argparse
import itertools
import os
from collections.abc import Iterator, Sequence
from functools import partial

from json_lines import Row
from processes import each_result

from .candidates import BEFORE, CANDIDATES, CHOSEN, DATASETS, MODELS
from .report import report
from .store import Key, append, read
from .trial import trials

SEEDS = range(5)


def _wanted(part: str, names: Sequence[str]) -> list[list[Key]]:
    """The runs of a part that are not done; those of a list share a compiled step."""
    chosen = names or (CANDIDATES if part == "screen" else (CHOSEN, BEFORE))
    done = read(_store(part))
    cells = itertools.product(chosen, MODELS, DATASETS)
    groups = ([(name, data, model, seed) for seed in SEEDS] for name, model, data in cells)
    left = ([key for key in group if key not in done] for group in groups)
    return [group for group in left if group]


def _store(part: str) -> str:
    return "test" if part == "test" else "validation"


def _results(part: str, groups: Sequence[list[Key]], jobs: int) -> Iterator[tuple[Key, Row]]:
    """What each run found, as it ends; `jobs` processes share the runs."""
    alone = [[key] for group in groups for key in group]
    run = partial(trials, on_test=part == "test")
    for found in each_result(run, alone if jobs == 1 else groups, jobs):
        yield from found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("screen", "test", "report"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, help="processes; at most one a core")
    given = parser.parse_args()
    if unknown := set(given.names) - set(CANDIDATES):
        raise SystemExit(f"No candidate {sorted(unknown)}: expected some of {list(CANDIDATES)}.")
    if given.part == "report":
        report()
        return
    if given.jobs > 1:  # each of the processes computes on one core
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    groups = _wanted(given.part, given.names)
    for key, found in _results(given.part, groups, given.jobs):
        append(_store(given.part), key, found)
        print(*key, found, flush=True)


if __name__ == "__main__":
    main()
