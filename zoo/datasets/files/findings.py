"""What a user should know of data once they are split."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...precision import constant
from ...tasks import Target, target_of
from ..raw import Arrays, RawData
from .columns import Columns
from .enumeration import some

_PARTS = ("training", "validation", "test")


def split_notes(
    raw: RawData,
    arrays: Arrays,
    classes: Sequence[Any],
    columns: Columns | None,
    parts: Sequence[np.ndarray],
) -> Iterator[str]:
    """Words on classes that a part lacks, and on features and targets that do not vary.

    Args:
        raw: the data before the split.
        arrays: the same, classes as indices, tables as numbers, nothing scaled.
        classes: their names; () without classes.
        columns: those of a table.
        parts: the indices of training, validation and test.
    """
    if classes:
        for part, rows in zip(_PARTS, parts, strict=True):
            counts = np.bincount(arrays["y"][rows], minlength=len(classes))
            yield from _lacking(
                part, [repr(name) for name, n in zip(classes, counts, strict=True) if not n]
            )
    elif target_of(raw.tasks) is Target.NUMBERS:
        targets = raw.target_names or [f"y{i}" for i in range(arrays["y"].shape[-1])]
        yield from _constant("target", targets, arrays["y"][parts[0]])
    if columns is None:
        names = [str(i) for i in range(arrays["x"].shape[-1])]
        kind = "feature" if arrays["x"].ndim == 2 else "channel"
        yield from _constant(kind, names, arrays["x"][parts[0]])
    else:
        names = [column.name for column in columns.columns for _ in range(column.size)]
        yield from _constant("column", names, arrays["x"][parts[0]])


def _lacking(part: str, absent: list[str]) -> Iterator[str]:
    if not absent:
        return
    classes = "class" if len(absent) == 1 else f"{len(absent)} classes"
    so = "what is no example cannot be learned"
    if part != "training":
        so = f"no figure of {part} tells how well it is known"
    yield f"There is no row of {classes} {some(absent)} in {part}: {so}."


def _constant(kind: str, names: Sequence[str], values: np.ndarray) -> Iterator[str]:
    """Which names, of which a column of categories has several, hold one value alone."""
    same = constant(values)
    varied = {name for name, each in zip(names, same, strict=True) if not each}
    found = [name for name in dict.fromkeys(names) if name not in varied]
    if found:
        kinds = kind if len(found) == 1 else f"{len(found):,} {kind}s"
        yield (
            f"Constant in the training rows, so that nothing is learned of it: {kinds} "
            f"{some(found)}."
        )
