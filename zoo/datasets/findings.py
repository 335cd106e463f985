"""What a user should know of data once they are split."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..tasks import Target, target_of
from .files.enumeration import some
from .preparation import Preparation
from .preparation.standardised import constant_notes
from .raw import Arrays, RawData

_PARTS = ("training", "validation", "test")


def split_notes(
    raw: RawData,
    arrays: Arrays,
    classes: Sequence[Any],
    preparation: Preparation,
    parts: Sequence[np.ndarray],
) -> Iterator[str]:
    """Words on classes that a part lacks, and on features and targets that do not vary.

    Args:
        raw: the data before the split.
        arrays: the same, classes as indices, nothing scaled.
        classes: their names; () without classes.
        preparation: what was learned of the inputs.
        parts: the indices of training, validation and test.
    """
    if classes:
        labels = [arrays["y"][rows] for rows in parts]
        counts = np.stack([np.bincount(each, minlength=len(classes)) for each in labels])
        yield from lacking_notes(classes, counts)
    elif target_of(raw.tasks) is Target.NUMBERS:
        yield from target_notes(raw.target_names, arrays["y"][parts[0]])
    yield from preparation.notes(arrays if raw.inputs is None else raw.inputs, parts[0])


def lacking_notes(classes: Sequence[Any], counts: np.ndarray) -> Iterator[str]:
    """Which classes a part lacks, of the rows of each class in each part, [3, classes]."""
    for part, of_part in zip(_PARTS, counts, strict=True):
        absent = [repr(name) for name, n in zip(classes, of_part, strict=True) if not n]
        yield from _lacking(part, absent)


def target_notes(names: Sequence[str], values: np.ndarray) -> Iterator[str]:
    """Which targets [N, targets] of the training rows are the same in all of them."""
    yield from constant_notes("target", list(names or _numbered(values.shape[-1])), values)


def _numbered(count: int) -> list[str]:
    return [f"y{i}" for i in range(count)]


def _lacking(part: str, absent: list[str]) -> Iterator[str]:
    if not absent:
        return
    classes = "class" if len(absent) == 1 else f"{len(absent)} classes"
    so = "what is no example cannot be learned"
    if part != "training":
        so = f"no figure of {part} tells how well it is known"
    yield f"There is no row of {classes} {some(absent)} in {part}: {so}."
