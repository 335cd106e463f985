"""The tables and the figure of the study, written into its README."""

import re
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from .candidates import BEFORE, CANDIDATES, CHOSEN, DATASETS, MODELS, SCREENED
from .store import FOLDER, Row, read

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
    validation, test = read("validation").values(), read("test").values()
    page = FOLDER / "README.md"
    text = page.read_text(encoding="utf-8")
    for mark, table in (("validation", _validation(validation)), ("test", _test(test))):
        start, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
        made = "\n".join([start, *table, end])
        text = re.sub(f"{start}.*?{end}", lambda _, made=made: made, text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
    _draw(list(validation), FOLDER / "validation.png")


def _scores(rows: Iterable[Row], of: str, **wanted: str) -> list[float]:
    return [row[of] for row in rows if all(row[name] == value for name, value in wanted.items())]


def _cell(scores: Sequence[float]) -> str:
    """Mean and standard deviation; nothing where nothing was run."""
    if not scores:
        return ""
    spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
    return f"{statistics.mean(scores):.3f} ± {spread:.3f}"


def _validation(rows: Iterable[Row]) -> list[str]:
    """For each candidate the score of its last and of its best weights, by data set."""
    heads = [f"{dataset}, {of}" for dataset in SCREENED for of in ("last", "best")]
    lines = [f"| candidate | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name in CANDIDATES:
        cells = [
            _cell(_scores(rows, of, candidate=name, dataset=dataset, model="odenet"))
            for dataset in SCREENED
            for of in ("last", "best")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _test(rows: Iterable[Row]) -> list[str]:
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


def _draw(rows: Sequence[Row], path: Path) -> None:
    """The validation scores of each candidate: a point a split, one panel a data set."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(SCREENED), figsize=(10, 3), sharey=True, dpi=150)
    for dataset, panel in zip(SCREENED, panels, strict=True):
        for at, name in enumerate(CANDIDATES):
            for of, marker, shift in (("last", "x", 0.15), ("best", "o", -0.15)):
                pair = {"candidate": name, "dataset": dataset, "model": "odenet"}
                scores = _scores(rows, of, **pair)
                color = "tab:orange" if of == "last" else "tab:blue"
                panel.plot(scores, [at + shift] * len(scores), marker, color=color, alpha=0.8)
        panel.set_yticks(range(len(CANDIDATES)), CANDIDATES)
        panel.set_xlabel(f"{dataset}: {'R²' if dataset == 'diabetes' else 'accuracy'}")
    panels[0].invert_yaxis()
    panels[-1].plot([], [], "o", color="tab:blue", label="best weights")
    panels[-1].plot([], [], "x", color="tab:orange", label="last weights")
    panels[-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
