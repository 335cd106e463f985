"""What the targets of a data set become: indices of classes, or columns of scaled numbers."""

import dataclasses
from typing import Any

import numpy as np

from ..tasks import Target, target_of
from .preparation import Preparation
from .raw import Arrays, RawData
from .scale import Scale


def index_labels(raw: RawData, arrays: dict[str, np.ndarray]) -> tuple[Any, ...]:
    """Put indices in the place of labels, which are returned, and targets into columns."""
    target = target_of(raw.tasks)
    if target is Target.LABELS:
        labels, arrays["y"] = np.unique(arrays["y"], return_inverse=True)
        return tuple(labels.tolist())
    if target is Target.NUMBERS and arrays["y"].ndim == 1:
        arrays["y"] = arrays["y"][:, None]
    return ()


def taught_targets(
    learned: Preparation,
    raw: RawData,
    arrays: Arrays,
    classes: tuple[Any, ...],
    train: np.ndarray,
    standardise: bool,
) -> Preparation:
    """A preparation of inputs with what the targets of the training rows teach.

    Args:
        learned: the preparation of the inputs.
        raw: the data before the split.
        arrays: the same, classes as indices, nothing scaled.
        classes: their names; () without classes.
        train: the indices of the training rows.
        standardise: whether targets that are numbers get mean 0 and deviation 1.
    """
    scaled = standardise and target_of(raw.tasks) is Target.NUMBERS
    return dataclasses.replace(
        learned,
        tasks=tuple(raw.tasks),
        classes=classes,
        target_names=tuple(raw.target_names),
        y_scale=Scale.of(arrays["y"][train]) if scaled else None,
    )
