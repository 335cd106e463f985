"""Mean and deviation of what runs with several seeds are worth."""

import statistics
from pathlib import Path
from typing import Any

from ..checkpoint import json_text, write_atomically
from .metrics_table import flat, tell


def tell_over_seeds(results: list[dict[str, Any]], folder: Path) -> None:
    """Mean and standard deviation of every number over the seeds; each value in summary.json."""
    summary = {}
    rows = [flat(result) for result in results]
    for name, first in rows[0].items():
        values = [each for row in rows if isinstance(each := row.get(name), float)]
        if isinstance(first, float) and len(values) == len(rows):
            mean, sd = statistics.mean(values), statistics.stdev(values)
            summary[name] = {"mean": mean, "sd": sd, "values": values}
    write_atomically(folder / "summary.json", (json_text(summary) + "\n").encode())
    told = {name: {"mean": row["mean"], "sd": row["sd"]} for name, row in summary.items()}
    tell(told, f"{len(rows)} seeds")
