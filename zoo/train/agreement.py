"""What several processes that train one model must agree on: where they begin, and when they stop.

One process agrees with itself, at no cost.
"""

import zlib
from collections.abc import Mapping
from typing import Any

from ..checkpoint import json_text
from ..errors import ConfigError
from ..placement.processes import of_all


def check_agreed(step: int, settings: Mapping[str, Any]) -> None:
    """Raise `ConfigError` where processes begin at another step, or another run.

    `settings` are those in which they may not differ, see `zoo.train.folder.settings.decisive`.

    A folder that not all of them see shows so, and data that differ, before they would wait for
    each other forever.
    """
    high, low = divmod(digest(settings), 2**16)  # a float32 holds 24 bits
    told = of_all(step, high, low).astype(int)
    for process, (its_step, *its_digest) in enumerate(told.tolist()):
        if its_step != told[0, 0]:
            raise ConfigError(
                f"Process 0 begins at step {told[0, 0]} and process {process} at {its_step}: "
                "expected one step. Give all of them the same out, a folder that all see."
            )
        if its_digest != told[0, 1:].tolist():
            raise ConfigError(
                f"Process {process} has other options, or other data, than process 0: expected the "
                "same command and the same files for all."
            )


def digest(settings: Mapping[str, Any]) -> int:
    """32 bits that tell settings from others."""
    return zlib.crc32(json_text(settings).encode())


def agreed_signal(signal: int | None) -> int | None:
    """The signal that any of the processes was sent; None where none was."""
    told = int(of_all(signal or 0).max())
    return told or None


def slowest(seconds: float) -> float:
    """The longest of the times that the processes took."""
    return float(of_all(seconds).max())
