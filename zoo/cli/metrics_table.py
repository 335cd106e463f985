"""Metrics twice: a table for a person, on standard error; a line of JSON, on standard output."""

import sys
from collections.abc import Iterator, Mapping

from ..checkpoint import json_text
from .plain_text import plain

_IN_TITLE = ("split", "n", "task")
MOST = 12
"""Rows of the table for one metric by class or by target; JSON has them all."""


def flat(metrics: Mapping[str, object]) -> dict[str, object]:
    """Metrics without nesting: `{"recall": {"0": 1.0}}` becomes `{"recall.0": 1.0}`."""
    return dict(_leaves(metrics, ""))


def tell(metrics: Mapping[str, object], title: str) -> None:
    """Print the table below a title, and the same numbers as one line of JSON.

    What is printed as JSON follows from the model and the data alone: `train` and `evaluate` of the
    same weights print the same line.
    """
    print(table(metrics, title), file=sys.stderr)
    print(json_text(flat(metrics)))


def table(metrics: Mapping[str, object], title: str) -> str:
    """A title and a row for each metric, numbers to five digits."""
    rows: list[tuple[str, str]] = []
    for name, value in metrics.items():
        if name in _IN_TITLE:
            continue
        leaves = list(_leaves({name: value}, "", cells=True))
        # A class or a target may be called anything, by the user's own file.
        rows += [(plain(leaf).replace("\n", " "), _cell(each)) for leaf, each in leaves[:MOST]]
        if len(leaves) > MOST:
            rows.append((f"{name}.*", f"and {len(leaves) - MOST} more"))
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {cell}" for name, cell in rows)])


def _leaves(
    metrics: Mapping[str, object], prefix: str, cells: bool = False
) -> Iterator[tuple[str, object]]:
    """Dotted names and values; for the `cells` of a table, a mean and its deviation are one."""
    for name, value in metrics.items():
        if isinstance(value, Mapping) and not (cells and value.keys() == {"mean", "sd"}):
            yield from _leaves(value, f"{prefix}{name}.", cells)
        else:
            yield f"{prefix}{name}", value


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{_cell(value['mean'])} ± {_cell(value['sd'])}"
    if isinstance(value, float):
        return f"{value:.5g}"
    return "unknown" if value is None else str(value)
