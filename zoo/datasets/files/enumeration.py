"""Names in a sentence, however many there are."""

from collections.abc import Collection
from itertools import islice


def some(names: Collection[object], most: int = 12) -> str:
    """The names with commas between them, the first of them where there are more than `most`."""
    told = ", ".join(map(str, islice(names, most)))
    return told if len(names) <= most else f"{told} and {len(names) - most:,} more"
