"""What a user's targets ask for: classes or amounts. Inferred from them, said, or told."""

from typing import Literal, TypeAlias

import numpy as np

from ...errors import ConfigError, DataError
from ...tasks import Target, task_named
from .cells import too_many
from .roles import NONE

AUTO = "auto"
TaskChoice: TypeAlias = Literal["auto", "classification", "regression"]
SERVED: dict[Target, tuple[str, ...]] = {
    Target.LABELS: ("classification", "density"),
    Target.NUMBERS: ("regression",),
    Target.NOTHING: ("density",),
}
"""The tasks that a user's file serves, by what its target holds; the preferred one first."""


def told_target(told: TaskChoice) -> Target | None:
    """What a user says that the target holds; None where it is to be inferred."""
    return None if told == AUTO else task_named(told).target


def check_untold(told: TaskChoice) -> None:
    """Raise `ConfigError` where data without targets are to serve a task that looks at them."""
    if told != AUTO:
        raise ConfigError(
            f"--dataset.task {told} with --dataset.target {NONE}: data without targets serve "
            f"{', '.join(SERVED[Target.NOTHING])}. Leave one of the two options out."
        )


def infer_target(y: np.ndarray, name: str, told: TaskChoice) -> tuple[Target, str]:
    """What targets [N] or [N, targets] hold, and words on it that say how to choose otherwise.

    Words and truth values are classes, and so are whole numbers of which there are few: at most
    max(2, min(20, N // 10)) different ones. Several targets are a regression.

    Args:
        y: numbers, text or truth values.
        name: what to call them.
        told: by the user; `auto` infers.

    Raises `ConfigError` where what is told cannot be, and `DataError` for targets of one value
    alone or with classes of almost one example each.
    """
    wanted = told_target(told)
    if y.ndim > 1:
        if wanted is Target.LABELS:
            raise ConfigError(
                f"--dataset.task {told} of {y.shape[1]} targets ({name}): expected one. "
                "Train a model for each."
            )
        return Target.NUMBERS, f"{name}: regression of {y.shape[1]} targets."
    distinct = np.unique(y)
    if len(distinct) < 2:
        raise DataError(f"{name} is {distinct[0]!s} in every row: there is nothing to learn.")
    numbers = y.dtype.kind in "iuf"
    few = len(distinct) <= max(2, min(20, len(y) // 10))
    as_classes = not numbers or (few and bool((y == np.round(y)).all()))
    target = wanted or (Target.LABELS if as_classes else Target.NUMBERS)
    if target is Target.NUMBERS and not numbers:
        raise ConfigError(
            f"--dataset.task {told} of {name}, which is no number ({distinct[0]!s}, "
            f"{distinct[1]!s}, ...): expected numbers, or --dataset.task classification."
        )
    if target is Target.LABELS and too_many(len(distinct), len(y)):
        raise DataError(
            f"{name} as classes: {len(distinct)} of them in {len(y)} rows, expected several rows "
            "of each. A number to be predicted is --dataset.task regression."
        )
    return target, _words(name, target, distinct, numbers, told)


def _words(name: str, target: Target, distinct: np.ndarray, numbers: bool, told: TaskChoice) -> str:
    if target is Target.LABELS:
        some = ", ".join(str(label) for label in distinct[:5]) + ", ..." * (len(distinct) > 5)
        what = f"{name}: classification into {len(distinct)} classes ({some})"
    else:
        what = f"{name}: regression"
    if told != AUTO:
        return f"{what}, as told."
    if not numbers:
        return f"{what}, since it holds no numbers."
    if target is Target.LABELS:
        return (
            f"{what}, since it holds few different whole numbers; if they are amounts, say "
            "--dataset.task regression."
        )
    return (
        f"{what}, since it holds {len(distinct)} different numbers; if they are classes, say "
        "--dataset.task classification."
    )
