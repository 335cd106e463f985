"""The tables of the study, put into zoo/recipes/SERIES.md."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from json_lines import Row
from kept_rows import read_rows
from marked_pages import fill_marks

from .contenders import DROPS, MODELS, PATHS
from .store import FOLDER, RUNS, Trial, read

LEDGER = FOLDER.parents[2] / "zoo" / "recipes" / "LEDGER.json"
PAGE = FOLDER.parents[2] / "zoo" / "recipes" / "SERIES.md"
_NAMES = {"neural-cde": "neural CDE", "ode-rnn": "ODE-RNN", "gru": "GRU", "gru-dt": "GRU-Δt"}


def report(store: Path = RUNS, page: Path = PAGE) -> None:
    """Write the tables between the marks of the page."""
    rows = read(store)
    tables = {part: classes(rows, part) for part in ("vowels", "motions")}
    fill_marks(page, {**tables, "paths": paths(read_rows(LEDGER))})


def classes(rows: dict[Trial, Row], part: str) -> list[str]:
    """Test accuracy of each model by the share of points dropped, NFE and seconds at the ends."""
    head = ["model", "parameters", *(f"{100 * drop:.0f} %" for drop in DROPS)]
    head += ["NFE, all points", "NFE, 70 %", "seconds, all points"]
    lines = [_row(head), "|---" * len(head) + "|"]
    for model in MODELS:
        by_drop = [_runs(rows, f"{part}-{model}", drop) for drop in DROPS]
        if not all(by_drop):
            continue
        first, last = by_drop[0], by_drop[-1]
        cells = [_NAMES[model], f"{first[0]['parameters']:,}"]
        cells += [_spread([100 * run["accuracy"] for run in runs]) for runs in by_drop]
        cells += [f"{_mean(runs, 'nfe'):.0f}" for runs in (first, last)]
        lines.append(_row([*cells, f"{_mean(first, 'seconds'):.0f}"]))
    return lines if len(lines) > 2 else ["Not run yet."]


def paths(ledger: dict[str, Row]) -> list[str]:
    """Error at what is to be found beside the baselines', and how true the bands are: seed 0."""
    head = ["recipe", "RMSE", "baselines: RMSE", "NLL", "CRPS", "in 90 % bands", "MASE", "NFE"]
    lines = [_row(head), "|---" * len(head) + "|"]
    for name in PATHS:
        told = ledger.get(name, {}).get("told")
        if told is None:
            continue
        numbers = [_number(told, key) for key in ("nll", "crps", "coverage_90", "mase")]
        cells = [f"`{name}`", _number(told, "rmse"), _baselines(told), *numbers]
        lines.append(_row([*cells, f"{told['nfe']:.0f}"]))
    return lines if len(lines) > 2 else ["Not run yet."]


def _baselines(run: Row) -> str:
    """The error of each baseline, overall where there are several channels."""
    ends = ("_rmse_standardised", "_rmse")
    found = {}
    for end in reversed(ends):
        names = [name for name in run if name.endswith(end) and name != end[1:]]
        found |= {name.removesuffix(end): _number(run, name) for name in names}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in found.items() if value)


def _number(run: Row, name: str) -> str:
    """A metric, over all channels where there are several; empty where there is none."""
    for key in (f"{name}_standardised", f"{name}_overall", name):
        value = run.get(key)
        if isinstance(value, int | float):
            return f"{value:.3g}"
    return ""


def _runs(rows: dict[Trial, Row], recipe: str, drop: float) -> list[Row]:
    return [row for trial, row in rows.items() if (trial.recipe, trial.drop) == (recipe, drop)]


def _mean(runs: Sequence[Row], name: str) -> float:
    return statistics.mean(run[name] for run in runs)


def _spread(values: Sequence[float]) -> str:
    middle = f"{statistics.mean(values):.1f}"
    return f"{middle} ± {statistics.stdev(values):.1f}" if len(values) > 1 else middle


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
