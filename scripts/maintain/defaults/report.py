"""The tables and the figure of the study, written into its README."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from json_lines import Row
from marked_pages import fill_marks

from .candidates import BEFORE, CANDIDATES, CHOSEN, DATASETS, MODELS
from .store import FOLDER, read

GOALS = {
    "moons": 0.985,
    "circles": 0.985,
    "spirals2d": 0.95,
    "digits": 0.967,
    "wine": 0.95,
    "diabetes": 0.33,
}
"""What an ODE-Net is to reach at least on a test split."""


def report() -> None:
    """Write the figure, and the tables between the marks of the README."""
    validation, test = list(read("validation").values()), list(read("test").values())
    tables = {"validation": _validation(validation), "test": _test(test)}
    fill_marks(FOLDER / "README.md", tables)
    _draw(validation, FOLDER / "validation.png")


def _scores(rows: Iterable[Row], of: str, **wanted: str) -> list[float]:
    """Scores of the runs that are wanted, in the order of their seeds; an R² below 0 is 0."""
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return [max(row[of], 0.0) for row in sorted(found, key=lambda row: row["seed"])]


def _cells(rows: Sequence[Row], name: str, of: str, model: str) -> list[float]:
    """The mean over the splits, by data set; nothing where a data set was not run."""
    found = (_scores(rows, of, candidate=name, dataset=d, model=model) for d in DATASETS)
    return [statistics.mean(scores) for scores in found if scores]


def _overall(rows: Sequence[Row], name: str, of: str, models: Sequence[str]) -> str:
    """The mean over data sets and models of the means over the splits."""
    cells = [cell for model in models for cell in _cells(rows, name, of, model)]
    whole = len(cells) == len(models) * len(DATASETS)
    return f"{statistics.mean(cells):.4f}" if whole else ""


def _validation(rows: Sequence[Row]) -> list[str]:
    """For each candidate the ODE-Net's score by data set, and the means over all data sets."""
    means = [*MODELS, "all three", "all three, last weights"]
    heads = " | ".join([*DATASETS, *means])
    lines = [f"| candidate | {heads} |", "|---" * (len(DATASETS) + len(means) + 1) + "|"]
    for name in CANDIDATES:
        cells = [f"{cell:.3f}" for cell in _cells(rows, name, "best", "odenet")]
        cells += [""] * (len(DATASETS) - len(cells))
        cells += [_overall(rows, name, "best", [model]) for model in MODELS]
        cells += [_overall(rows, name, of, MODELS) for of in ("best", "last")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _test(rows: Sequence[Row]) -> list[str]:
    """Before and after on the test splits, and whether an ODE-Net is where it is to be."""
    lines = ["| data | model | before | after | goal |", "|---|---|---|---|---|"]
    for dataset in DATASETS:
        for model in MODELS:
            pair = {"dataset": dataset, "model": model}
            before = _scores(rows, "last", candidate=BEFORE, **pair)
            after = _scores(rows, "best", candidate=CHOSEN, **pair)
            goal = GOALS.get(dataset, "") if model == "odenet" else ""
            lines.append(f"| {dataset} | {model} | {_cell(before)} | {_cell(after)} | {goal} |")
    return lines


def _cell(scores: Sequence[float]) -> str:
    """Mean and standard deviation; nothing where nothing was run."""
    if not scores:
        return ""
    spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
    return f"{statistics.mean(scores):.3f} ± {spread:.3f}"


def _draw(rows: Sequence[Row], path: Path) -> None:
    """What each candidate gains over the chosen one, split by split; a panel a model."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(MODELS), figsize=(11, 4.2), sharey=True, dpi=150)
    for model, panel in zip(MODELS, panels, strict=True):
        for at, name in enumerate(CANDIDATES):
            gains = _gains(rows, name, model)
            panel.plot(gains, np.full(len(gains), at), "o", color="tab:blue", alpha=0.4, ms=4)
            if len(gains):
                panel.plot(gains.mean(), at, "|", color="black", ms=14, mew=2)
        panel.axvline(0, color="0.6", lw=1, zorder=0)
        panel.set_yticks(range(len(CANDIDATES)), CANDIDATES)
        panel.set_title(model)
        panel.set_xlabel("score minus the chosen one's")
    panels[0].invert_yaxis()
    figure.tight_layout()
    figure.savefig(path)


def _gains(rows: Sequence[Row], name: str, model: str) -> np.ndarray:
    """A candidate's mean score minus the chosen one's, by data set."""
    ours, chosen = (_cells(rows, each, "best", model) for each in (name, CHOSEN))
    return np.subtract(ours, chosen) if len(ours) == len(chosen) else np.empty(0)
