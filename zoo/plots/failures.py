"""Figures that fail: a warning for each, and all the others."""

import warnings
from collections.abc import Callable, Mapping
from typing import TypeVar

from ..errors import ZooWarning

T = TypeVar("T")


def attempt_all(
    done: str, actions: Mapping[str, Callable[[], T | None]], *, stacklevel: int = 3
) -> dict[str, T]:
    """What each action returns, without those that return None; a warning for each that fails.

    Args:
        done: what is done to a figure, for the warning: `drawn` or `written`.
        actions: by the name of their figure.
        stacklevel: of the warning, as `warnings.warn` counts; 3 is who called the caller.
    """
    results = {}
    for name, action in actions.items():
        try:
            result = action()
        # Whatever goes wrong in a figure, the hours of training before it must not be lost.
        except Exception as error:
            words = f"figure {name!r} could not be {done}: {str(error) or type(error).__name__}"
            warnings.warn(words, ZooWarning, stacklevel=stacklevel)
        else:
            if result is not None:
                results[name] = result
    return results
