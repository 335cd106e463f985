"""The tables and the figure of the study, put into zoo/recipes/IMAGES.md."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from json_lines import Row
from marked_pages import fill_marks

from .contenders import CONTENDERS
from .figure import draw
from .store import FOLDER, RUNS, read

PAGE = FOLDER.parents[2] / "zoo" / "recipes" / "IMAGES.md"
_HEAD = (
    "| model | parameters | test accuracy, % | NFE | reconstruction error | seconds | ms a step |"
)
_MARKS = {
    (dataset, images): f"{dataset}, {images:,} images"
    for dataset in ("fashion_mnist", "mnist")
    for images in (10_000, 60_000)
}


def report(store: Path = RUNS, page: Path = PAGE) -> None:
    """Write the tables between the marks of the page, and the figure beside the runs."""
    rows = list(read(store).values())
    fill_marks(page, {mark: table(chosen(rows, *key)) for key, mark in _MARKS.items()})
    small = chosen(rows, "fashion_mnist", 10_000)
    if small:
        draw(by_contender(small), FOLDER / "accuracy.png")


def chosen(rows: Sequence[Row], dataset: str, images: int) -> list[Row]:
    """The runs of a data set with so many training images, scored on all of its test images."""
    wanted = (dataset, images, 10_000)
    return [row for row in rows if (row["dataset"], row["images"], row["test"]) == wanted]


def by_contender(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The runs of each contender that has any, in the order of `CONTENDERS`."""
    found = {name: [row for row in rows if row["contender"] == name] for name in CONTENDERS}
    return {name: runs for name, runs in found.items() if runs}


def table(rows: Sequence[Row]) -> list[str]:
    """A line for each contender: means over the seeds, and how many there are."""
    if not rows:
        return ["Not run yet."]
    seeds = len({row["seed"] for row in rows})
    epochs, devices = {row["epochs"] for row in rows}, {row["device"] for row in rows}
    told = f"{' and '.join(map(str, sorted(epochs)))} epochs, on {', '.join(sorted(devices))}; "
    told += f"mean ± standard deviation over {seeds} seeds." if seeds > 1 else "one seed."
    lines = [told, "", _HEAD, "|---" * _HEAD.count(" | ") + "|---|"]
    return lines + [_line(name, runs) for name, runs in by_contender(rows).items()]


def _line(name: str, runs: Sequence[Row]) -> str:
    cells = [
        name,
        f"{runs[0]['parameters']:,}",
        spread([100 * row["accuracy"] for row in runs]),
        f"{_mean(runs, 'nfe'):.1f}",
        worst_error(runs),
        f"{_mean(runs, 'seconds'):.0f}",
        f"{_mean(runs, 'step_ms'):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def spread(values: Sequence[float]) -> str:
    """Mean and standard deviation; the value alone where there is one."""
    middle = f"{statistics.mean(values):.2f}"
    return f"{middle} ± {statistics.stdev(values):.2f}" if len(values) > 1 else middle


def worst_error(runs: Sequence[Mapping[str, object]]) -> str:
    """The largest reconstruction error of the runs; empty where nothing is solved."""
    errors = [row["reconstruction_error"] for row in runs if "reconstruction_error" in row]
    if not errors:
        return ""
    known = [error for error in errors if isinstance(error, float)]
    return f"{max(known):.1g}" if len(known) == len(errors) else "not finite"


def _mean(rows: Sequence[Row], name: str) -> float:
    return statistics.mean(row[name] for row in rows)
