"""The table and the figure of the numbers that are kept."""

import json
import math
from typing import Any

from . import both
from .accelerator import section
from .clock import spread
from .drive import FOLDER, RESULTS
from .failures import RESULTS as FAILURES
from .goals import FLOORS, floor, table
from .more import sections

TABLE = FOLDER / "README.md"
FIGURE = FOLDER / "speed.png"
FRONT = FOLDER.parents[2] / "README.md"
START, END = "<!-- times: made by scripts/maintain/benchmark.py -->", "<!-- end of times -->"

NOTES = (FOLDER / "notes.md").read_text() if (FOLDER / "notes.md").exists() else ""


def write() -> None:
    """Make the page and the figure beside the numbers, and the short table of the front page."""
    results = json.loads(RESULTS.read_text())
    TABLE.write_text(_table(results))
    _figure(results)
    page = FRONT.read_text()
    before, after = page.split(START)[0], page.split(END)[1]
    FRONT.write_text(before + "\n".join([START, *_short_table(results), END]) + after)
    print(f"wrote {TABLE}, {FIGURE} and the table of {FRONT}")


def _floor(rows: dict[str, Any]) -> float:
    return spread(floor(rows))[0]


def _table(results: dict[str, Any]) -> str:
    lines = [
        "# Time of a solve",
        "",
        "Made by `python scripts/maintain/benchmark.py`; raw numbers in `results.json`.",
        "Milliseconds: the median of interleaved rounds, its quartiles in brackets. *ratio* is to",
        "the floor: the evaluations of the accepted steps of the joint solve, chained, and nothing",
        "else. The gradient's error is to a float64 solve at 1e-10. NFE is an example's mean,",
        "forwards.",
        "",
        "## Goals",
        "",
        "Medians of the rounds' ratios, quartiles in brackets.",
        "",
        *table(results),
        "",
        NOTES,
        *_failures(),
        *sections(),
        *section(),
        *both.section(),
    ]
    for name, result in results.items():
        machine, versions = result["machine"], result["versions"]
        lines += [
            f"## {name}",
            "",
            f"{result['rounds']} rounds on {machine['cores']} cores, "
            + ", ".join(f"{p} {v}" for p, v in versions.items()),
            "",
            "| | training step, ms | ratio | inference, ms | ratio | compile, s | NFE | "
            "gradient error |",
            "|---|---|---|---|---|---|---|---|",
        ]
        train, infer = result["rows"]["train"], result["rows"]["infer"]
        for who, row in train.items():
            lines.append(_line(who, row, infer[who], _floor(train), _floor(infer)))
        lines.append("")
    return "\n".join(lines)


def _failures() -> list[str]:
    """What one failed example costs a training step, a row a workload and cause."""
    lines = [
        "## One failed example",
        "",
        "A training step (per-sample) of a batch in which one example fails, over the same step",
        "without: medians and quartiles of interleaved rounds. Attempts are the failed example's",
        "own, beside the most that another one makes. Made by `python -m benchmarks.failures`.",
        "",
        "| workload | cause | outcome | attempts | others' most | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for work, causes in json.loads(FAILURES.read_text()).items():
        for cause, told in causes.items():
            if cause != "none":
                middle, low, high = told["ratio"]
                lines.append(
                    f"| {work} | {cause} | {told['outcome']} | {told['attempts']} | "
                    f"{told['others']} | {middle:.2f} [{low:.2f}, {high:.2f}] |"
                )
    return [*lines, ""]


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _short_table(results: dict[str, Any]) -> list[str]:
    """Milliseconds of a training step, a row a workload and a column a competitor."""
    names = [name for name in _competitors(results) if name not in FLOORS]
    lines = [f"| ms | floor | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for workload, result in results.items():
        rows = result["rows"]["train"]
        cells = [_ms(_floor(rows))]
        cells += [_ms(spread(rows[n]["ms"])[0]) if n in rows else "" for n in names]
        lines.append(f"| {workload} | {' | '.join(cells)} |")
    return lines


def _line(who: str, train: Any, infer: Any, train_floor: float, infer_floor: float) -> str:
    cells = [who]
    for row, least in ((train, train_floor), (infer, infer_floor)):
        middle, low, high = spread(row["ms"])
        cells += [f"{_ms(middle)} [{_ms(low)}, {_ms(high)}]", f"{middle / least:.2f}"]
    for key, form in (("compile_s", "{:.1f}"), ("nfe", "{:.0f}"), ("gradient_error", "{:.0e}")):
        value = train.get(key, math.nan)
        cells.append("" if math.isnan(value) else form.format(value))
    return f"| {' | '.join(cells)} |"


def _figure(results: dict[str, Any]) -> None:
    """Training steps as multiples of the floor, a row a workload and a mark a competitor."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from zoo.plots.style import COLOURS, style

    with style():
        figure = Figure(figsize=(7.0, 0.42 * len(results) + 1.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        names = [n for n in _competitors(results) if n not in FLOORS]
        markers = ["o", "s", "^", "D", "v", "P", "X"]
        for index, who in enumerate(names):
            points = [
                (
                    spread(result["rows"]["train"][who]["ms"])[0] / _floor(result["rows"]["train"]),
                    y + 0.09 * (index - (len(names) - 1) / 2),
                )
                for y, result in enumerate(results.values())
                if who in result["rows"]["train"]
            ]
            axes.plot(
                *zip(*points, strict=True),
                markers[index % len(markers)],
                color=COLOURS[index % len(COLOURS)],
                label=who,
                linestyle="none",
            )
        axes.axvline(1, color="0.5", linewidth=0.8)
        axes.set_xscale("log")
        axes.set_yticks(range(len(results)), list(results))
        axes.invert_yaxis()
        axes.set_xlabel("time of a training step / floor (1 = the evaluations alone)")
        axes.grid(axis="x", alpha=0.3)
        figure.legend(loc="outside upper center", ncols=3, fontsize="small")
        figure.savefig(FIGURE, dpi=160)


def _competitors(results: dict[str, Any]) -> list[str]:
    names: list[str] = []
    for result in results.values():
        names += [who for who in result["rows"]["train"] if who not in names]
    return names
