"""The tables of the study, put into zoo/recipes/LAWS.md."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from json_lines import Row
from kept_rows import read_rows
from marked_pages import fill_marks

from zoo.datasets.physics.bouncing_ball import GRAVITY, RESTITUTION

from . import closure, hybrid
from .store import FOLDER, RUNS, read

_RECIPES = FOLDER.parents[2] / "zoo" / "recipes"
PAGE, LEDGER = _RECIPES / "LAWS.md", _RECIPES / "LEDGER.json"
MOTIONS = ("spring", "pendulum", "two-body")


def report(store: Path = RUNS, page: Path = PAGE, ledger: Path = LEDGER) -> None:
    """Write the tables between the marks of the page."""
    rows, recipes = list(read(store).values()), read_rows(ledger)
    tables = {
        "energies": energies(recipes),
        "ball": ball(recipes),
        "hybrid": terms(rows),
        "closure": closures(rows, recipes),
    }
    fill_marks(page, tables)


def energies(ledger: Mapping[str, Row]) -> list[str]:
    """The energy MSE of rollouts, published and here, of both fields of each motion."""
    head = ["motion", "field", "published", "here: mean", "median", "least", "most", "seeds"]
    lines = []
    for motion in MOTIONS:
        for field in ("hamiltonian", "mlp"):
            row = ledger.get(f"{motion}-{field}")
            if row is not None:
                ours = row["ours"]
                figures = [each(ours) for each in (statistics.mean, statistics.median, min, max)]
                cells = [f"{figure:.3g}" for figure in (*row["published"], *figures)]
                lines.append(_row([motion.replace("-", " "), field, *cells, str(len(ours))]))
    return _table(head, lines)


def terms(rows: Sequence[Row]) -> list[str]:
    """What is left of a law's numbers beside a net, and the net beside the true term."""
    digits = {"growth": 2, "decay": 2, "net share": 2, "correlation": 4, "term error": 3}
    digits |= {"field error": 3, "rmse": 3}
    lines = []
    for case in hybrid.CASES:
        runs = _runs(rows, "hybrid", case)
        if runs:
            cells = [_spread([run[name] for run in runs], each) for name, each in digits.items()]
            worst = f"{min(run['correlation'] for run in runs):.4f}"
            lines.append(_row([case, *cells, worst, str(len(runs))]))
    return _table(["growth and decay", *digits, "least correlation", "seeds"], lines)


def ball(ledger: Mapping[str, Row]) -> list[str]:
    """Gravity and restitution beside the true ones."""
    found = ledger.get("bouncing-ball", {}).get("parameters", {})
    true = {"gravity": GRAVITY, "restitution": RESTITUTION}
    lines = [
        _row([name, f"{true[name]:g}", *(f"{value:.4g}" for value in values), _spread(values, 4)])
        for name, values in found.items()
    ]
    seeds = range(len(found.get("gravity", [])))
    return _table(["", "true", *(f"seed {seed}" for seed in seeds), "mean ± sd"], lines)


def closures(rows: Sequence[Row], ledger: Mapping[str, Row]) -> list[str]:
    """Errors of rollouts by seed, and how many times that of the learned closure each is."""
    found = {case: [run["rmse"] for run in _runs(rows, "closure", case)] for case in closure.CASES}
    found |= {
        words: ledger[name]["ours"]
        for words, name in (("convolutional net", closure.BASELINE), ("closure", closure.RECIPE))
        if name in ledger
    }
    own = found.get("closure", [])
    lines = []
    for words, errors in found.items():
        if len(errors) == len(own) > 0:
            ratios = [error / least for error, least in zip(errors, own, strict=True)]
            each = " / ".join(f"{error:.2g}" for error in errors)
            lines.append(_row([words, each, f"{statistics.mean(errors):.2g}", _spread(ratios, 1)]))
    return _table(["scheme", "rmse by seed", "mean", "times the closure's"], lines)


def _runs(rows: Sequence[Row], part: str, case: str) -> list[Row]:
    found = [row for row in rows if (row["part"], row["case"]) == (part, case)]
    return sorted(found, key=_seed)


def _seed(row: Row) -> int:
    seed: int = row["seed"]
    return seed


def _spread(values: Sequence[float], digits: int) -> str:
    """Mean and standard deviation; the value alone where there is one."""
    middle = f"{statistics.mean(values):.{digits}f}"
    return f"{middle} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else middle


def _table(head: Sequence[str], lines: Sequence[str]) -> list[str]:
    return [_row(head), "|---" * len(head) + "|", *lines] if lines else ["Not run yet."]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
