"""The metrics of runs side by side, each run's main one beside its baseline."""

from collections.abc import Mapping, Sequence

from .html import Markup, element, joined, table
from .reported import ReportedRun

_NOT_NUMBERS = ("split", "n", "task")


def scores(runs: Sequence[ReportedRun]) -> Markup:
    """A card for each run: its title, and its main metric beside the baseline as bars."""
    return element("div", *map(_score, runs), class_="runs")


def _score(run: ReportedRun) -> Markup:
    about = f"{run.config.task}, {run.parameters:,} parameters, seed {run.config.seed}"
    lines = [element("h3", run.name), element("p", f"{run.title}: {about}", class_="quiet")]
    if run.score is not None:
        figure, both = run.score.figure, (run.score.score, run.score.baseline)
        largest = max((abs(value) for value in both if value is not None), default=0.0)
        for name, value in zip((figure, "baseline"), both, strict=True):
            share = 0.0 if value is None or not largest else 100 * abs(value) / largest
            bar = element("span", class_="bar", style=f"width:{share:.1f}%")
            told = element("span", f"{name} {shown(value)}")
            look = "score" if name == figure else "score base"
            lines.append(element("p", told, element("span", bar, class_="track"), class_=look))
    return element("article", *lines)


def metrics_table(runs: Sequence[ReportedRun]) -> Markup:
    """Every metric of every run; those that are baselines say so."""
    flat = [dict(_leaves(run.metrics)) for run in runs]
    names = list(dict.fromkeys(name for each in flat for name in each))
    baselines = {run.baseline for run in runs}
    rows = [
        [f"{name} (baseline)" if name.partition(".")[0] in baselines else name]
        + [shown(each[name]) if name in each else "–" for each in flat]
        for name in names
    ]
    examples = ", ".join(f"{run.name}: {run.metrics['n']} examples" for run in runs)
    head = ["metric", *(run.name for run in runs)]
    return joined(
        element("p", f"Of the test split, evaluated for this page. {examples}.", class_="quiet"),
        table(head, rows, "Metrics of the test split"),
    )


def shown(value: object) -> str:
    """A number to five digits, or what there is instead."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "unknown" if value is None else str(value)
    return f"{value:.5g}" if isinstance(value, float) else f"{value:,}"


def _leaves(metrics: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in metrics.items():
        if not prefix and name in _NOT_NUMBERS:
            continue
        if isinstance(value, Mapping):
            found += _leaves(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", value))
    return found
