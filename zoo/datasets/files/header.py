"""The first line of a table: names of its columns, or a row like the others."""

from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias

from ...errors import DataError
from .cells import PLACEHOLDERS, number
from .columnar import Columnar

Header: TypeAlias = Literal["auto", "yes", "no"]


def is_header(
    first: Sequence[str], below: Columnar, wanted: Collection[str], *, commas: bool
) -> bool:
    """Whether the cells of the first line name the columns: they hold all `wanted` names, or a
    word above a column of numbers. `commas`: whether 1,5 may be a number."""
    if wanted and set(wanted) <= set(first):
        return True
    for position, cell in enumerate(first):
        is_number = number(cell.replace(",", ".") if commas else cell) is not None
        if not is_number and cell not in PLACEHOLDERS and below.numbers(position).are_numbers:
            return True
    return False


def column_names(path: str, first: Sequence[str], options: str) -> tuple[str, ...]:
    """What the columns are called: c0, c1, ... where a cell of the first line is empty.

    Raises `DataError` for two of one name.
    """
    positions: dict[str, int] = {}
    for position, cell in enumerate(first):
        name = cell or f"c{position}"
        if name in positions:
            raise DataError(
                f"{path} calls columns {positions[name] + 1} and {position + 1} both {name!r}: "
                f"rename one; if line 1 holds data and no names, say {options}header no."
            )
        positions[name] = position
    return tuple(positions)
