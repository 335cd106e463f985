"""The package's annotations, checked at every call of a function while the tests run."""

import os
from collections.abc import Callable

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

CHECKING = os.environ.get("ZOO_TESTS_CHECK_TYPES") == "1"
"""Whether this run of the tests checks annotations."""
_INT_IS_A_FLOAT = BeartypeConf(is_pep484_tower=True)


def checked(function: Callable) -> Callable:
    """The function, its arguments and what it returns checked; an int is taken for a float."""
    return beartype(conf=_INT_IS_A_FLOAT)(function)


def check_annotations() -> None:
    """Check all of `zoo`, with the shapes and types of its arrays. Call it before `import zoo`."""
    install_import_hook("zoo", f"{__name__}.{checked.__name__}")
