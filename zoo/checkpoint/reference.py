"""What a weight file keeps of a model's outputs for its training rows."""

import math
from collections.abc import Mapping
from typing import Any

from ..errors import CheckpointError


def reference_in(header: Mapping[str, Any], path: object) -> dict[str, list[float]]:
    """The numbers that a file's header keeps, by name; {} where it keeps none.

    A file of an earlier version keeps none, and one of this loads there: it does not look for them.
    Raises `CheckpointError` for what is no list of finite numbers; `path` is what to call the file.
    """
    kept = header.get("reference", {})
    if not isinstance(kept, Mapping):
        _refuse(path, f"reference = {kept!r}: expected lists of numbers by name")
    for name, values in kept.items():
        numbers = values if isinstance(values, list) else [values]
        wrong = [each for each in numbers if not _is_finite(each)]
        if numbers is not values or not numbers or wrong:
            got = wrong[0] if wrong else values
            _refuse(path, f"reference.{name} holds {got!r}: expected a list of finite numbers")
    return {str(name): list(map(float, values)) for name, values in kept.items()}


def _is_finite(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]


def _refuse(path: object, words: str) -> None:
    raise CheckpointError(
        f"{path} was made by hand or changed: {words}. Take another copy, or train again."
    )
