"""Times of the engine beside its peers and the floor: a table, a figure and the raw numbers.

    python scripts/maintain/benchmark.py              all workloads, into benchmarks/
    python scripts/maintain/benchmark.py --only a b --rounds 9
    python scripts/maintain/benchmark.py --report     the table and figure of the kept numbers anew

Peers on torch are timed where the interpreter of `--torch-python` (default: this one) has torch
and torchdiffeq: `pip install -e .[benchmark]`, with a CPU build of torch. Ratios within one run
are what counts; times of two runs or machines are not to be compared.
"""

from dataclasses import dataclass

import tyro
from benchmarks import drive, report


@dataclass
class Options:
    """What to time."""

    only: tuple[str, ...] = ()
    """Workloads; all where none is named."""
    rounds: int = 15
    """Measurements of each competitor; a third of them for the largest workload."""
    torch_python: str = ""
    """The interpreter that has torch and torchdiffeq."""
    report: bool = False
    """Time nothing, and make table and figure of the numbers that are kept."""


if __name__ == "__main__":
    options = tyro.cli(Options, description=__doc__)
    if not options.report:
        drive.run(options.only, options.rounds, options.torch_python)
    report.write()
