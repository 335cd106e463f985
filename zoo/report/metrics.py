"""The metrics of runs side by side, each run's main one beside its baseline."""

from collections.abc import Mapping, Sequence

from .html import Markup, element, joined, table
from .reported import ReportedRun

_NOT_NUMBERS = ("split", "n", "task")


def scores(runs: Sequence[ReportedRun]) -> Markup:
    """A card for each run: its title, and its main metric beside the baseline as bars.

    Bars of one metric have one scale, so that those of several runs compare.
    """
    known: dict[str, list[float]] = {}
    for score in (run.score for run in runs if run.score is not None):
        both = (score.score, score.baseline)
        known.setdefault(score.figure, []).extend(each for each in both if each is not None)
    return element("div", *(_score(run, known) for run in runs), class_="runs")


def _score(run: ReportedRun, known: Mapping[str, Sequence[float]]) -> Markup:
    about = f"{run.config.task}, {run.parameters:,} parameters, seed {run.config.seed}"
    lines = [element("h3", run.name), element("p", f"{run.title}: {about}", class_="quiet")]
    if run.score is None:
        return element("article", *lines)
    figure, both = run.score.figure, (run.score.score, run.score.baseline)
    for name, value, look in zip((figure, "baseline"), both, ("score", "score base"), strict=True):
        told = element("span", f"{name} {shown(value)}")
        lines.append(element("p", told, _bar(value, known[figure]), class_=look))
    return element("article", *lines, element("p", run.direction, class_="quiet"))


def _bar(value: float | None, known: Sequence[float]) -> Markup | None:
    """A bar as long as the value's share of the largest; none beside a number below 0, such as a
    log density's, whose length would say the opposite."""
    if any(each < 0 for each in known):
        return None
    largest = max(known, default=0.0)
    share = 0.0 if value is None or not largest else 100 * value / largest
    return element(
        "span", element("span", class_="bar", style=f"width:{share:.1f}%"), class_="track"
    )


def metrics_table(runs: Sequence[ReportedRun]) -> Markup:
    """Every metric of every run; those that are baselines say so."""
    flat = [dict(_leaves(run.metrics)) for run in runs]
    names = list(dict.fromkeys(name for each in flat for name in each))
    baselines = {run.compared for run in runs}
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
