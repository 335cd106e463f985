"""How numbers of several runs are written in a cell of a table."""

import statistics
from collections.abc import Mapping, Sequence


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
