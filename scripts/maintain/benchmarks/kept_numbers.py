"""The numbers that benchmarks kept, and how the page writes a ratio."""

import json
from typing import Any

from .drive import FOLDER


def read_kept(name: str) -> dict[str, Any]:
    """What a benchmark kept; nothing where it was not run."""
    path = FOLDER / name
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def ratio(values: list[float]) -> str:
    """A median and its quartiles."""
    middle, low, high = values
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"
