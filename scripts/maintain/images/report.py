"""The tables and the figure of the study, put into zoo/recipes/IMAGES.md."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from json_lines import Row, read_lines
from marked_pages import fill_marks

from . import choose, headline
from .choice_table import table as choices
from .contenders import CONTENDERS, Contender
from .figure import draw
from .pixel_contenders import PIXEL_CONTENDERS
from .regulariser_table import table as regularisers
from .regularisers import KEY, MODELS
from .regularisers import RUNS as REGULARISED
from .store import FOLDER, RUNS, read
from .words import spread, worst_error

PAGE = FOLDER.parents[2] / "zoo" / "recipes" / "IMAGES.md"
_HEAD = (
    "| model | parameters | test accuracy, % | NFE | reconstruction error | seconds | ms a step |"
)
_MARKS = {
    (dataset, images): f"{dataset}, {images:,} images"
    for dataset in ("fashion_mnist", "mnist")
    for images in (10_000, 60_000)
}

_PICTURE = (
    "![Test accuracy against evaluations of a test image and against the time of a training step, "
    "the bars from the worst to the best seed; hollow points are one residual step with the field "
    "of the ODE-Net of that colour](../../scripts/maintain/images/accuracy.png)"
)


def report(store: Path = RUNS, page: Path = PAGE) -> None:
    """Write the tables between the marks of the page, and the figure beside the runs."""
    rows = list(read(store).values())
    tables = {mark: table(chosen(rows, *key)) for key, mark in _MARKS.items()}
    regularised = list(read_lines(REGULARISED, KEY).values())
    for model in MODELS:
        tables[f"regularisers of {model}"] = regularisers(regularised, model)
    tables["choices"] = choices(list(read_lines(choose.CHOICES, choose.KEY).values()))
    read_all = chosen(list(read(headline.RUNS).values()), "fashion_mnist", 60_000)
    tables["every pixel read"] = table(read_all, PIXEL_CONTENDERS)
    small = chosen(rows, "fashion_mnist", 10_000)
    if small:
        tables[_MARKS["fashion_mnist", 10_000]] += ["", _PICTURE]
    fill_marks(page, tables)
    if small:
        draw(by_contender(small), FOLDER / "accuracy.png")


def chosen(rows: Sequence[Row], dataset: str, images: int) -> list[Row]:
    """The runs of a data set with so many training images, scored on all of its test images."""
    wanted = (dataset, images, 10_000)
    return [row for row in rows if (row["dataset"], row["images"], row["test"]) == wanted]


def by_contender(
    rows: Sequence[Row], contenders: Mapping[str, Contender] = CONTENDERS
) -> dict[str, list[Row]]:
    """The runs of each contender that has any, in the order of `contenders`."""
    found = {name: [row for row in rows if row["contender"] == name] for name in contenders}
    return {name: runs for name, runs in found.items() if runs}


def table(rows: Sequence[Row], contenders: Mapping[str, Contender] = CONTENDERS) -> list[str]:
    """A line for each contender: means over the seeds, and how many there are."""
    if not rows:
        return ["Not run yet."]
    seeds = len({row["seed"] for row in rows})
    epochs, devices = {row["epochs"] for row in rows}, {row["device"] for row in rows}
    told = f"{' and '.join(map(str, sorted(epochs)))} epochs, on {', '.join(sorted(devices))}; "
    told += f"mean ± standard deviation over {seeds} seeds." if seeds > 1 else "one seed."
    lines = [told, "", _HEAD, "|---" * _HEAD.count(" | ") + "|---|"]
    return lines + [_line(name, runs) for name, runs in by_contender(rows, contenders).items()]


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


def _mean(rows: Sequence[Row], name: str) -> float:
    return statistics.mean(row[name] for row in rows)
