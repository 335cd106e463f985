"""`--use`: modules of the user's own, imported before anything else of the command line is read."""

from typing import Annotated, TypeAlias

import tyro

from ..extensions import use
from .first_pass import CommandLine

Use: TypeAlias = Annotated[
    tyro.conf.UseAppendAction[tuple[str, ...]],
    tyro.conf.arg(
        metavar="MODULE",
        help="your own module to import; the current folder is searched first",
        help_behavior_hint="(repeatable)",
    ),
]
"""The option `--use`: `import_named_modules` has followed it before a command is parsed."""


def import_named_modules(line: CommandLine) -> None:
    """Import what `--use` names. Raises `ConfigError` as `zoo.use` does."""
    for module in line.all_values_of("--use"):
        use(module)


def use_module_of(name: str) -> None:
    """Import the module of a `module:builder` that was typed on the command line."""
    if ":" in name:
        use(name.partition(":")[0])
