"""The tables of the study, put into zoo/recipes/DENSITIES.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from json_lines import Row, read_lines
from kept_rows import read_rows
from marked_pages import fill_marks

from . import bits, energy, guided, integrals, outliers, race
from .store import FOLDER, RUNS, read, spread

_RECIPES = FOLDER.parents[2] / "zoo" / "recipes"
PAGE, LEDGER = _RECIPES / "DENSITIES.md", _RECIPES / "LEDGER.json"
RECIPES = (
    "moons-cnf",
    "moons-flow",
    "pinwheel-cnf",
    "pinwheel-flow",
    "eightgaussians-flow",
    "digits-flow",
    "digits-flow-classes",
)
_NONE = ["Not run yet."]


def report(store: Path = RUNS, page: Path = PAGE) -> None:
    """Write the tables between the marks of the page."""
    rows = list(read(store).values())
    odd = read_lines(FOLDER / "outliers.jsonl", ("table", "scorer", "seed"))
    fill_marks(
        page,
        {
            "recipes": recipes(read_rows(LEDGER)),
            "race": races(rows),
            "bits": bit_rows(rows),
            "energy": energies(rows),
            "guided": guides(rows),
            "integrals": integral_rows(rows),
            "outliers": outliers.table(list(odd.values())),
        },
    )


def recipes(ledger: Mapping[str, Row]) -> list[str]:
    """What the recipes give with seed 0."""
    names = ("nll", "gaussian_nll", "true_nll", "bits_per_dim", "nfe", "nfe_tight", "integral")
    head = ["recipe", *names]
    lines = [
        _row([f"`{name}`", *(_number(ledger[name]["told"], key) for key in names)])
        for name in RECIPES
        if name in ledger
    ]
    return _table(head, lines)


def races(rows: Sequence[Row]) -> list[str]:
    """Held-out nats and times of each way; of matching, how much sooner than the CNF it ended."""
    head = ["data", "by", "held-out nats", "training, s", "processor with compiling, s"]
    head += ["CNF's training / its", "CNF's processor / its"]
    lines = []
    for dataset in race.DATASETS:
        whole = _runs(rows, "race", f"{dataset}: cnf")
        for way in race.WAYS:
            runs = _runs(rows, "race", f"{dataset}: {way}")
            if not (runs and whole):
                continue
            cells = [dataset, way, spread([run["nll"] for run in runs], 3)]
            for name in ("training", "processor"):
                cells.append(spread([run[name] for run in runs], 1))
            for name in ("training", "processor"):
                pairs = zip(whole, runs, strict=False)
                cells.append(spread([cnf[name] / run[name] for cnf, run in pairs], 1))
            lines.append(_row(cells))
    return _table(head, lines)


def bit_rows(rows: Sequence[Row]) -> list[str]:
    """Bits per dimension of digits by the width of the field, and what they cost."""
    head = ["units", "steps", "parameters", "bits, validation", "bits", "Gaussian", "uniform", "s"]
    lines = []
    for case in bits.CASES:
        runs = _runs(rows, "bits", case)
        if runs:
            names = ("bits_per_dim", "gaussian_bits_per_dim", "uniform_bits_per_dim")
            cells = [case, f"{bits.WIDTHS[case]:,}", f"{runs[0]['parameters']:,}"]
            cells += [spread([run[name] for run in runs], 3) for name in ("validation", *names)]
            cells += [spread([run["wall"] for run in runs], 0)]
            lines.append(_row(cells))
    return _table(head, lines)


def energies(rows: Sequence[Row]) -> list[str]:
    """Normalised path energy by source and block."""
    head = ["from", "coupling", "energy", "least", "normalised", "processor, s"]
    lines = []
    for case in energy.CASES:
        runs = _runs(rows, "energy", case)
        source, block = case.split(": ")
        if runs:
            cells = [spread([run[n] for run in runs], 3) for n in ("energy", "least", "normalised")]
            coupling = f"optimal transport in blocks of {block}" if int(block) else "independent"
            cells += [spread([run["processor"] for run in runs], 0)]
            lines.append(_row([source, coupling, *cells]))
    return _table(head, lines)


def guides(rows: Sequence[Row]) -> list[str]:
    """The share of draws that are read as asked, and the least of a class."""
    lines = []
    for case in guided.CASES:
        runs = _runs(rows, "guided", case)
        if runs:
            least = [100 * min(run["by class"]) for run in runs]
            right = [100 * run["right"] for run in runs]
            lines.append(_row([case, spread(right, 1), spread(least, 1)]))
    return _table(["guidance", "read as asked, %", "of the worst class, %"], lines)


def integral_rows(rows: Sequence[Row]) -> list[str]:
    """Nats at two tolerances, evaluations of both, and the integral."""
    names = ("gaussian_nll", "true_nll", "nll", "nll_tight", "nfe", "nfe_tight", "integral")
    lines = []
    for case in integrals.CASES:
        lines += [
            _row([case, *(_number(run, name) for name in names)])
            for run in _runs(rows, "integrals", case)
        ]
    head = ["Gaussian", "truth", "at 1e-3", "at 1e-5", "NFE at 1e-3", "NFE at 1e-5", "integral"]
    return _table(["data", *head], lines)


def _runs(rows: Sequence[Row], part: str, case: str) -> list[Row]:
    return [row for row in rows if (row["part"], row["case"]) == (part, case)]


def _number(told: Mapping[str, object], name: str) -> str:
    """A figure; empty where there is none."""
    value = told.get(name)
    if not isinstance(value, int | float):
        return ""
    return f"{value:.0f}" if name.startswith("nfe") else f"{value:.4g}"


def _table(head: Sequence[str], lines: Sequence[str]) -> list[str]:
    return [_row(head), "|---" * len(head) + "|", *lines] if lines else _NONE


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
