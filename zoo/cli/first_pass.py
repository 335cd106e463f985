"""The first look at a command line: single options of it, before it is known which there are."""

import argparse
from collections.abc import Sequence

from ..errors import ConfigError

_SUCH_AS = {
    "--use": "mymodule",
    "--model": "odenet",
    "--dataset": "moons",
    "--recipe": "digits-odenet",
    "--task": "regression",
    "--out": "myrun",
    "--from": "runs/digits",
}


def all_values_of(option: str, argv: Sequence[str]) -> list[str]:
    """Every value that an option was given, in that order.

    Raises `ConfigError` where it stands there without one.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument(option, action="append", default=[], dest="values")
    try:
        values: list[str] = parser.parse_known_args(list(argv))[0].values
    except argparse.ArgumentError:
        example = _SUCH_AS.get(option)
        such_as = f", such as {option} {example}" if example else ""
        raise ConfigError(f"{option} needs a value{such_as}.") from None
    return values


def value_of(option: str, argv: Sequence[str]) -> str | None:
    """The value of an option, the last one where there are several; None where it is not given."""
    values = all_values_of(option, argv)
    return values[-1] if values else None
