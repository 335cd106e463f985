"""The study of flows; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m densities race bits integrals energy guided    train and measure, a line of JSON a run
python -m densities report                               the tables of zoo/recipes/DENSITIES.md
"""

import argparse
import warnings
from pathlib import Path

from json_lines import append_line

from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning

from . import bits, energy, guided, integrals, race
from .report import report
from .store import RUNS, read

PARTS = {"race": race, "bits": bits, "energy": energy, "guided": guided, "integrals": integrals}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=(*PARTS, "report"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--store", type=Path, default=RUNS, help="where runs are kept")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    for part in (part for part in given.parts if part != "report"):
        for seed in range(given.seeds):
            _run(part, seed, given.store)
    if "report" in given.parts:
        report(given.store)


def _run(part: str, seed: int, store: Path) -> None:
    """Run the cases of a part that are not kept, with one seed."""
    for case in PARTS[part].CASES:
        if (part, case, seed) not in read(store):
            found = PARTS[part].measure(case, seed)
            append_line(store, {"part": part, "case": case, "seed": seed, **found})
            print(part, case, seed, found, flush=True)


if __name__ == "__main__":
    main()
