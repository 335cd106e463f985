"""The study of laws; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m laws hybrid closure    train and measure, a line of JSON a run
python -m laws report            the tables of zoo/recipes/LAWS.md, of these and the ledger
"""

import argparse
import warnings
from pathlib import Path

from json_lines import append_line

from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning

from . import closure, hybrid
from .report import report
from .store import RUNS, read

PARTS = {"hybrid": hybrid, "closure": closure}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=(*PARTS, "report"))
    parser.add_argument("--store", type=Path, default=RUNS, help="where runs are kept")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    for part in (part for part in given.parts if part != "report"):
        _run(part, given.store)
    if "report" in given.parts:
        report(given.store)


def _run(part: str, store: Path) -> None:
    """Measure the cases of a part that are not kept, each with every seed."""
    for case in PARTS[part].CASES:
        for seed in range(PARTS[part].SEEDS):
            if (part, case, seed) not in read(store):
                found = PARTS[part].measure(case, seed)
                append_line(store, {"part": part, "case": case, "seed": seed, **found})
                print(part, case, seed, found, flush=True)


if __name__ == "__main__":
    main()
