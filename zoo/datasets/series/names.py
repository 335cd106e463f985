"""What a series is called in an error."""

from collections.abc import Sequence


def series_name(ids: Sequence[object] | None, index: int) -> str:
    """`series 'a7'` by its id, else `series 3` by its place, counted from 0."""
    return f"series {index}" if ids is None else f"series {ids[index]!s}"
