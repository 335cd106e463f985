"""The table of the regularisers: each beside the same net without one."""

import statistics
from collections.abc import Sequence

from json_lines import Row

from .regularisers import SETTINGS
from .words import spread, worst_error

_HEAD = "| settings | test accuracy, % | points over none | NFE | NFE over none | "
_HEAD += "time of a step over none | the same by evaluation | reconstruction error |"


def table(rows: Sequence[Row], model: str) -> list[str]:
    """A line for each of the settings that a model was trained with, `none` first."""
    mine = [row for row in rows if row["model"] == model]
    names = [name for name in SETTINGS if _of(mine, name)]
    if "none" not in names:
        return ["Not run yet."]
    none = [row for row in mine if row["settings"] == "none"]
    lines = [_HEAD, "|---" * _HEAD.count(" | ") + "|---|"]
    return lines + [_line(name, _of(mine, name), none) for name in names]


def _of(rows: Sequence[Row], name: str) -> list[Row]:
    return [row for row in rows if row["settings"] == name]


def _line(name: str, runs: Sequence[Row], none: Sequence[Row]) -> str:
    if any("diverged" in row for row in runs):
        return f"| {name} | diverged | | | | | | |"
    seeds = {row["seed"] for row in runs}
    paired = [row for row in none if row["seed"] in seeds]
    gained = 100 * (_mean(runs, "accuracy") - _mean(paired, "accuracy"))
    fastest = [min(row["step_ms"] for row in each) for each in (runs, none)]
    calls = _mean(runs, "nfe") / _mean(paired, "nfe")
    cells = [
        name,
        spread([100 * row["accuracy"] for row in runs]),
        f"{gained:+.2f}",
        f"{_mean(runs, 'nfe'):.1f}",
        f"{calls:.2f}",
        f"{fastest[0] / fastest[1]:.1f}",
        f"{fastest[0] / fastest[1] / calls:.1f}",
        worst_error(runs),
    ]
    return f"| {' | '.join(cells)} |"


def _mean(rows: Sequence[Row], name: str) -> float:
    return statistics.mean(row[name] for row in rows)
