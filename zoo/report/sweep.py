"""The sweep over tolerances: a slider, and what was measured at each of its places."""

from collections.abc import Sequence

from ..evaluation.sweep.setting import Row
from .html import Markup, data, element, joined, table
from .metrics import shown
from .reported import ReportedRun

_COLUMNS = ("method", "batching", "rtol", "nfe", "seconds", "achieved", "failed")


def sweep_section(runs: Sequence[ReportedRun]) -> Markup:
    """One slider over the tolerances of all runs, a panel for each, and the rows as tables.

    Of a run that was not swept it says the command, of one without a solver that it has none.
    """
    swept = [run for run in runs if run.tolerances]
    missing = [_command(run) for run in runs if not run.tolerances]
    parts: list[Markup] = []
    if swept:
        panels = [_panel(place, run) for place, run in enumerate(swept)]
        parts = [
            _controls(swept),
            element("div", *panels, class_="runs"),
            data("sweeps", [_values(run) for run in swept]),
            *(_rows(run) for run in swept),
        ]
    return joined(*parts, *missing)


def _controls(runs: Sequence[ReportedRun]) -> Markup:
    """The slider and the choice of solver and batching, which need the page's script."""
    rtols = sorted({float(row["rtol"] or 0) for run in runs for row in run.tolerances})[::-1]
    choices = [_choice(name, runs) for name in ("method", "batching")]
    slider = element(
        "input", type="range", id="rtol", min=0, max=len(rtols) - 1, value=min(2, len(rtols) - 1)
    )
    label = element("label", "tolerance rtol = atol ", for_="rtol")
    told = element("output", id="rtol-told", for_="rtol")
    place = element("div", label, told, slider, class_="slider")
    values = data("rtols", rtols)
    return element("form", place, *choices, values, class_="controls", id="controls", hidden=True)


def _choice(name: str, runs: Sequence[ReportedRun]) -> Markup:
    found = list(dict.fromkeys(str(row[name]) for run in runs for row in run.tolerances))
    options = [element("option", each, value=each) for each in found]
    return element("label", f"{name} ", element("select", *options, id=name), for_=name)


def _panel(place: int, run: ReportedRun) -> Markup:
    """What the script fills in: the numbers at the slider's tolerance, and a curve."""
    dots = element("dl", class_="told")
    return element(
        "article", element("h3", run.name), dots, element("div", class_="curve"),
        class_="panel", data_run=place, hidden=True,
    )  # fmt: skip


def _values(run: ReportedRun) -> dict[str, object]:
    """What the script needs of a run."""
    names = [*_COLUMNS, *_measures(run)]
    rows = [{name: row.get(name) for name in names} for row in run.tolerances]
    return {"metric": run.metric, "baseline": run.baseline, "rows": rows}


def _measures(run: ReportedRun) -> list[str]:
    """The columns of the metric and its baseline, where the rows have them."""
    found = {name for row in run.tolerances for name in row}
    return [name for name in (run.metric, run.baseline) if name in found and name is not None]


def _rows(run: ReportedRun) -> Markup:
    """All rows as a table, which is there without a script too."""
    names = [*_COLUMNS, *_measures(run)]
    rows = [[_cell(row, name) for name in names] for row in run.tolerances]
    told = f"All {len(rows)} measurements of {run.name}"
    return element("details", element("summary", told), table(list(names), rows, told))


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return f"{value:.3g}" if isinstance(value, float) else shown(value)


def _command(run: ReportedRun) -> Markup:
    if not run.solvers:
        return element("p", f"{run.name} holds no solver: it has no tolerance to choose.")
    words = f"{run.name} has no sweep over tolerances here. Measure it, then make this page again:"
    line = f"zoo sweep {run.typed} --kinds tolerance"
    return joined(element("p", words), element("pre", element("code", line)))
