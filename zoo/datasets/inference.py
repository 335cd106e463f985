"""What a user's targets ask for: classes or amounts. Inferred from them, said, or told."""

from typing import Literal, TypeAlias

import numpy as np

from ..errors import ConfigError, DataError
from .cells import too_many

Told: TypeAlias = Literal["auto", "classification", "regression"]
Task: TypeAlias = Literal["classification", "regression"]


def infer_task(y: np.ndarray, name: str, told: Told) -> tuple[Task, str]:
    """The task of targets [N] or [N, targets], and words on it that say how to choose the other.

    Words and truth values are classes, and so are whole numbers of which there are few: at most
    max(2, min(20, N // 10)) different ones. Several targets are a regression.

    Args:
        y: numbers, text or truth values.
        name: what to call them.
        told: by the user; `auto` infers.

    Raises `ConfigError` where what is told cannot be, and `DataError` for targets of one value
    alone or with classes of almost one example each.
    """
    if y.ndim > 1:
        if told == "classification":
            raise ConfigError(
                f"--dataset.task classification of {y.shape[1]} targets ({name}): expected one. "
                "Train a model for each."
            )
        return "regression", f"{name}: regression of {y.shape[1]} targets."
    distinct = np.unique(y)
    if len(distinct) < 2:
        raise DataError(f"{name} is {distinct[0]!s} in every row: there is nothing to learn.")
    numbers = y.dtype.kind in "iuf"
    few = len(distinct) <= max(2, min(20, len(y) // 10))
    as_classes = not numbers or (few and bool((y == np.round(y)).all()))
    task: Task = "classification" if as_classes else "regression"
    if told != "auto":
        task = told
    if task == "regression" and not numbers:
        raise ConfigError(
            f"--dataset.task regression of {name}, which is no number ({distinct[0]!s}, "
            f"{distinct[1]!s}, ...): expected numbers, or --dataset.task classification."
        )
    if task == "classification" and too_many(len(distinct), len(y)):
        raise DataError(
            f"{name} as classes: {len(distinct)} of them in {len(y)} rows, expected several rows "
            "of each. A number to be predicted is --dataset.task regression."
        )
    return task, _words(name, task, distinct, numbers, told)


def _words(name: str, task: Task, distinct: np.ndarray, numbers: bool, told: Told) -> str:
    if task == "classification":
        some = ", ".join(str(label) for label in distinct[:5]) + ", ..." * (len(distinct) > 5)
        what = f"{name}: classification into {len(distinct)} classes ({some})"
    else:
        what = f"{name}: regression"
    if told != "auto":
        return f"{what}, as told."
    if not numbers:
        return f"{what}, since it holds no numbers."
    if task == "classification":
        return (
            f"{what}, since it holds few different whole numbers; if they are amounts, say "
            "--dataset.task regression."
        )
    return (
        f"{what}, since it holds {len(distinct)} different numbers; if they are classes, say "
        "--dataset.task classification."
    )
