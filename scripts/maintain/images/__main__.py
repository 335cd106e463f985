"""The study of images; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m images small full --jobs 14    10,000 images of all contenders, 60,000 of three
python -m images report                  the tables and the figure of zoo/recipes/IMAGES.md
python -m images.choose                  models and settings, on validation images
python -m images.headline                those chosen, on all images, from checkpoints
python -m images.regularisers            every regulariser on digits
python -m images.sizes                   the widths that make contenders equally large
"""

import argparse
import itertools
import os
import time
from collections.abc import Sequence
from pathlib import Path

from processes import each_result

from .contenders import CONTENDERS, HEADLINE
from .report import report
from .store import RUNS, Trial, append, read
from .trial import run

PARTS = ("full", "small")
"""In the order in which they run: the longest runs first, so that none is left alone at the end."""


def trials_of(
    part: str,
    dataset: str,
    *,
    images: int | None = None,
    epochs: int | None = None,
    test: int = 10_000,
    names: Sequence[str] | None = None,
) -> list[Trial]:
    """The runs of a part, a seed of all contenders after another."""
    whole = part == "full"
    seeds = range(1) if whole else range(3)
    images = images or (60_000 if whole else 10_000)
    epochs = epochs or (5 if whole else 8)
    chosen = names or (HEADLINE if whole else tuple(CONTENDERS))
    cells = itertools.product(seeds, chosen)
    return [Trial(dataset, name, images, epochs, test, seed) for seed, name in cells]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=(*PARTS, "report"))
    parser.add_argument("--dataset", default="fashion_mnist", choices=("fashion_mnist", "mnist"))
    parser.add_argument("--names", nargs="+", choices=tuple(CONTENDERS), metavar="NAME")
    parser.add_argument("--train-images", type=int, help="instead of the part's own number")
    parser.add_argument("--epochs", type=int, help="instead of the part's own number")
    parser.add_argument("--test-images", type=int, default=10_000)
    parser.add_argument("--store", type=Path, default=RUNS, help="where runs are kept")
    parser.add_argument("--jobs", type=int, default=1, help="processes; a GPU is shared by all")
    given = parser.parse_args()
    sizes = {"images": given.train_images, "epochs": given.epochs, "test": given.test_images}
    wanted = [
        trial
        for part in PARTS
        if part in given.parts
        for trial in trials_of(part, given.dataset, names=given.names, **sizes)
    ]
    _run([each for each in wanted if each not in read(given.store)], given.store, given.jobs)
    if "report" in given.parts:
        report(given.store)


def _run(left: Sequence[Trial], store: Path, jobs: int) -> None:
    if jobs > 1:  # each takes of a GPU's memory what it needs, and computes on one core
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    began = time.perf_counter()
    for number, (trial, found) in enumerate(each_result(run, left, jobs), start=1):
        append(store, trial, found)
        print(f"{number} of {len(left)} after {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
