"""The study of the defaults; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m defaults screen [NAME ...]     candidates on three data sets: ODE-Nets, three splits
python -m defaults confirm NAME ...      the best of them on all data sets and models, five splits
python -m defaults test                  before and after, on the test splits, once all is chosen
python -m defaults report                the tables and the figure in the README
"""

import argparse
import itertools
import warnings
from collections.abc import Iterator, Sequence

from zoo.errors import ZooWarning

from .candidates import BEFORE, CANDIDATES, CHOSEN, DATASETS, MODELS, SCREENED
from .report import report
from .store import Key, append, read
from .trial import trial


def _wanted(part: str, names: Sequence[str]) -> Iterator[Key]:
    """The runs of a part, those that share a compiled step after one another."""
    if part == "screen":
        return itertools.product(names or CANDIDATES, SCREENED, ("odenet",), range(3))
    chosen = names if part == "confirm" else (CHOSEN, BEFORE)
    runs = itertools.product(chosen, MODELS, DATASETS, range(5))
    return ((name, dataset, model, seed) for name, model, dataset, seed in runs)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("screen", "confirm", "test", "report"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    if unknown := set(given.names) - set(CANDIDATES):
        raise SystemExit(f"No candidate {sorted(unknown)}: expected some of {list(CANDIDATES)}.")
    if given.part == "report":
        report()
        return
    warnings.simplefilter("ignore", ZooWarning)
    store = "test" if given.part == "test" else "validation"
    done = read(store)
    for key in _wanted(given.part, given.names):
        if key not in done:
            found = trial(*key, on_test=store == "test")
            append(store, key, found)
            print(*key, found, flush=True)


if __name__ == "__main__":
    main()
