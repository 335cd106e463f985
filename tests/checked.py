"""The package's annotations, checked at every call of a function while the tests run."""

import functools
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

CHECKING = os.environ.get("ZOO_TESTS_CHECK_TYPES") != "0"
"""Whether this run of the tests checks annotations."""
_INT_IS_A_FLOAT = BeartypeConf(is_pep484_tower=True)

_Taken = ParamSpec("_Taken")
_Given = TypeVar("_Given")
# What jaxtyping asks to have checked is a function of annotations alone, without a body. It asks
# anew whenever a function within a function is made: thousands of times in a trace.
_made: dict[tuple[str, str], list[tuple[dict[str, object], Callable[..., object]]]] = {}


def checked(function: Callable[_Taken, _Given]) -> Callable[_Taken, _Given]:
    """The function, its arguments and what it returns checked; an int is taken for a float."""
    known = _made.setdefault((function.__module__, function.__qualname__), [])
    for annotations, check in known:
        if annotations == function.__annotations__:
            return check
    check = _at_first_call(function)
    known.append((dict(function.__annotations__), check))
    return check


def _at_first_call(function: Callable[_Taken, _Given]) -> Callable[_Taken, _Given]:
    """Checked as by beartype, which writes a function's checks only once they are wanted."""
    made: list[Callable[_Taken, _Given]] = []

    @functools.wraps(function)
    def check(*args: _Taken.args, **kwargs: _Taken.kwargs) -> _Given:
        if not made:
            made.append(beartype(conf=_INT_IS_A_FLOAT)(function))
        return made[0](*args, **kwargs)

    return check


def check_annotations() -> None:
    """Check all of `zoo`, with the shapes and types of its arrays. Call it before `import zoo`."""
    install_import_hook("zoo", f"{__name__}.{checked.__name__}")
