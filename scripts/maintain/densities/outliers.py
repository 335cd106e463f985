"""The study of odd rows; runs from `scripts/maintain/`, and goes on where it was stopped.

python -m densities.outliers             five seeds of each scorer on breast_cancer and wine
python -m densities.outliers --report    the table of README.md, of the runs that there are

A row is flagged where it is less usual than 95 % of the training rows: below the 5th percentile
that `zoo predict` writes. Recall is the share of the outliers that are flagged, false alarms that
of held-out usual rows, and AUC the probability that an outlier is less usual than a held-out row.
"""

import argparse
import statistics
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from json_lines import Row, append_line, read_lines
from marked_pages import fill_marks
from sklearn.metrics import roc_auc_score

from zoo.cli.compile_cache import keep_compiled_programs
from zoo.errors import ZooWarning
from zoo.tasks.percentiles import percentiles, quantiles

from .planted import KINDS, TABLES, planted
from .scorers import SCORERS

FOLDER = Path(__file__).parent
SEEDS = 5
FLAGGED = 5.0
"""Percentile of the training rows below which a row is flagged."""
_KEY = ("table", "scorer", "seed")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--report", action="store_true", help="run nothing")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--store", type=Path, default=FOLDER / "outliers.jsonl")
    given = parser.parse_args()
    if not given.report:
        run(given.store, given.seeds)
    fill_marks(FOLDER / "README.md", {"outliers": table(read_lines(given.store, _KEY).values())})


def run(store: Path, seeds: int) -> None:
    """Run what is not in the store, and keep each run as it ends."""
    warnings.simplefilter("ignore", ZooWarning)
    keep_compiled_programs()
    for seed in range(seeds):
        for name in TABLES:
            for scorer in SCORERS:
                if (name, scorer, seed) not in read_lines(store, _KEY):
                    row = measure(name, scorer, seed)
                    append_line(store, row)
                    print(row, flush=True)


def measure(name: str, scorer: str, seed: int) -> Row:
    """What one scorer finds among the outliers of a table."""
    known = planted(name, seed)
    score = SCORERS[scorer](known, seed)
    usual, kept = score(known.rows("test")), quantiles(score(known.rows("train")))
    row: Row = {"table": name, "scorer": scorer, "seed": seed, "false alarms": flagged(usual, kept)}
    for kind in KINDS:
        odd = score(known.outliers[kind])
        row[f"recall, {kind}"] = flagged(odd, kept)
        are_odd = np.repeat([0, 1], [len(usual), len(odd)])
        # A row that could not be solved is as odd as can be.
        values = np.nan_to_num(np.concatenate([usual, odd]), nan=-1e300, neginf=-1e300)
        row[f"AUC, {kind}"] = float(roc_auc_score(are_odd, -values))
    return row


def flagged(values: np.ndarray, kept: Sequence[float]) -> float:
    """The share of rows below the percentile; one that could not be solved is flagged."""
    return float(np.mean(~(percentiles(values, kept) >= FLAGGED)))


def table(rows: Iterator[Row] | Sequence[Row]) -> list[str]:
    """Mean and standard deviation over the seeds, in %."""
    columns = ["false alarms", *(f"{what}, {kind}" for kind in KINDS for what in ("recall", "AUC"))]
    lines = [f"| rows | scorer | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    kept = list(rows)
    for name in TABLES:
        for scorer in SCORERS:
            runs = [row for row in kept if (row["table"], row["scorer"]) == (name, scorer)]
            if runs:
                cells = [_spread([100 * row[column] for row in runs]) for column in columns]
                lines.append(f"| `{name}` | {scorer} | {' | '.join(cells)} |")
    return lines if len(lines) > 2 else ["Not run yet."]


def _spread(values: Sequence[float]) -> str:
    middle = f"{statistics.mean(values):.1f}"
    return f"{middle} ± {statistics.stdev(values):.1f}" if len(values) > 1 else middle


if __name__ == "__main__":
    main()
