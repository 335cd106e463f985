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
        for part, rows in zip(_PARTS, parts, strict=True):
            counts = np.bincount(arrays["y"][rows], minlength=len(classes))
            yield from _lacking(
                part, [repr(name) for name, n in zip(classes, counts, strict=True) if not n]
            )
    elif target_of(raw.tasks) is Target.NUMBERS:
        targets = raw.target_names or [f"y{i}" for i in range(arrays["y"].shape[-1])]
        yield from constant_notes("target", list(targets), arrays["y"][parts[0]])
    yield from preparation.notes(arrays if raw.inputs is None else raw.inputs, parts[0])


def _lacking(part: str, absent: list[str]) -> Iterator[str]:
    if not absent:
        return
    classes = "class" if len(absent) == 1 else f"{len(absent)} classes"
    so = "what is no example cannot be learned"
    if part != "training":
        so = f"no figure of {part} tells how well it is known"
    yield f"There is no row of {classes} {some(absent)} in {part}: {so}."
