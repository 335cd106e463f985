"""The table of what was compared on validation images."""

from collections.abc import Sequence

from json_lines import Row

from .words import worst_error

_HEAD = "| model | settings | images | epochs | validation accuracy, % | NFE | "
_HEAD += "reconstruction error | seconds |"


def table(rows: Sequence[Row]) -> list[str]:
    """A line for each run: the larger trainings first, the better models first in each size."""
    if not rows:
        return ["Not run yet."]
    ordered = sorted(rows, key=_place)
    return [_HEAD, "|---" * _HEAD.count(" | ") + "|---|", *map(_line, ordered)]


def _place(row: Row) -> tuple[float, ...]:
    return (-row["images"], -row["epochs"], -row["accuracy"])


def _line(row: Row) -> str:
    cells = [
        row["contender"],
        row["settings"],
        f"{row['trained_on']:,}",
        str(row["epochs"]),
        f"{100 * row['accuracy']:.2f}",
        f"{row['nfe']:.1f}",
        worst_error([row]),
        f"{row['seconds']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"
