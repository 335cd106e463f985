"""What a model says of rows, as cells of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .spreadsheet import as_text


@dataclass(frozen=True)
class Predictions:
    """What a model says of N rows, in original units and names.

    `values` are [N] labels or [N, targets] numbers, `names` what the columns are called;
    `probability` [N, classes] is None without classes. Where not `ok` [N], a row has none. `array`
    is what the values are called in an .npz file, and `more` are other numbers [N] by their names.
    """

    values: np.ndarray
    names: tuple[str, ...]
    ok: np.ndarray
    classes: tuple[Any, ...] = ()
    probability: np.ndarray | None = None
    array: str = "prediction"
    more: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that a table gets."""
        return (*self.names, *(f"probability_{label}" for label in self.classes), *self.more)

    def cells(self, row: int, point: str = ".") -> list[str]:
        """The cells of a row; empty where it was not solved.

        Numbers read back to the same bits; a label is what `as_text` makes of it.
        """
        if not self.ok[row]:
            return [""] * len(self.columns)
        shares = () if self.probability is None else self.probability[row]
        more = [values[row] for values in self.more.values()]
        return [_cell(value, point) for value in (*np.atleast_1d(self.values[row]), *shares, *more)]

    @property
    def guarded(self) -> tuple[str, ...]:
        """The labels among them that `as_text` changes, each once."""
        labels = set(self.values[self.ok].tolist()) if self.values.dtype.kind == "U" else set()
        return tuple(sorted(label for label in labels if as_text(label) != label))


def guarded_note(predictions: Predictions) -> str:
    """That labels have an apostrophe before them, in words; "" where none has."""
    guarded = predictions.guarded
    if not guarded:
        return ""
    more = f" and {len(guarded) - 3} more" if len(guarded) > 3 else ""
    return (
        f"A spreadsheet would compute the labels {', '.join(map(repr, guarded[:3]))}{more}: "
        "each is written with an apostrophe before it, which is no part of the label."
    )


def _cell(value: Any, point: str) -> str:
    if isinstance(value, str):
        return as_text(str(value))
    return str(value).replace(".", point) if isinstance(value, np.floating) else str(value)
