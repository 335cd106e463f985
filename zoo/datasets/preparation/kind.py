"""The kind of a saved preparation."""

from collections.abc import Mapping
from typing import Any


def kind_of_saved(values: Mapping[str, Any]) -> str:
    """The kind of saved JSON values; version 1 has images of kind image, all else of kind table."""
    return str(values.get("kind", "image" if values.get("in_shape") else "table"))
