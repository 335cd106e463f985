"""What `compare` and `ledger` have run already, kept as JSON, and what they are asked to run."""

import json
from pathlib import Path
from typing import Any

from zoo.checkpoint import json_text, write_atomically
from zoo.errors import CheckpointError, ConfigError
from zoo.registry import Registry


def read_rows(path: Path) -> dict[str, Any]:
    """The rows of an earlier call by name; none where there is no file.

    Raises `CheckpointError` for a file that holds something else.
    """
    if not path.exists():
        return {}
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise CheckpointError(
            f"{path} is not the JSON of an earlier call: it cannot be read. Choose another --out, "
            "or move it away."
        ) from error
    if not isinstance(rows, dict):
        raise CheckpointError(
            f"{path} is not the JSON of an earlier call: expected rows by name. Choose another "
            "--out, or move it away."
        )
    return rows


def keep_rows(path: Path, rows: dict[str, Any], indent: int) -> None:
    """Write the rows, so that a later call goes on from them. Raises `OutputError`."""
    write_atomically(path, (json_text(rows, indent=indent, sort_keys=True) + "\n").encode())


def matching(registry: Registry, option: str, pattern: str) -> list[str]:
    """The names that match a pattern. Raises `ConfigError` where there is none."""
    names = registry.names(pattern)
    if not names:
        raise ConfigError(
            f"{option} {pattern}: no {registry.kind} has such a name. Known: "
            f"{', '.join(registry.names())}."
        )
    return names
