"""What a user should know of how the cells of a table were read."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from .cells import MISSING, PLACEHOLDERS, Kind
from .dates import are_compact_dates, look_like_dates
from .enumeration import some
from .roles import OPTIONS, Roles
from .table import Table

_MOST = 12  # notes of one kind


def column_notes(table: Table, roles: Roles) -> list[str]:
    """Words on what was guessed of the columns that have a role, and how to say otherwise."""
    names = (*roles.inputs, *roles.targets)
    kinds: list[tuple[int, Kind]] = []
    for name in names:
        position = table.positions[name]
        kinds.append((position, roles.kinds.get(name) or table.numbers(position).kind))
    table.recall([position for position, kind in kinds if kind == "category"])
    guessed = [(p, kind) for p, kind in kinds if table.names[p] not in roles.kinds]
    notes = [
        *_few(_codes(table, guessed)),
        *_few(_words_among_numbers(table, guessed)),
        *_few(_placeholders(table, kinds)),
        *_few(_dates(table, kinds)),
    ]
    categories = [
        f"{table.names[p]} ({len(set(table.column(p)) - MISSING)})"
        for p, kind in kinds[: len(roles.inputs)]
        if kind == "category"
    ]
    if categories:
        notes.append(f"Inputs read as categories, with how many: {some(categories)}.")
    return notes


def _few(notes: Iterable[str]) -> list[str]:
    """The first of the notes of one kind, and how many there are more."""
    told = list(notes)
    more = len(told) - _MOST
    return [*told[:_MOST], f"The same holds for {more:,} more columns."] if more > 0 else told


def _codes(table: Table, kinds: Iterable[tuple[int, Kind]]) -> Iterator[str]:
    for position, _ in kinds:
        numbers = table.numbers(position)
        if numbers.are_numbers and numbers.code is not None:
            name, cell = table.names[position], table.cell(numbers.code, position)
            yield (
                f"{table.place(numbers.code, position)}: {cell!r} would lose digits as a number, "
                f"so the column is read as words; if it holds amounts, say "
                f"{OPTIONS}numbers {name!r}."
            )


def _words_among_numbers(table: Table, kinds: Iterable[tuple[int, Kind]]) -> Iterator[str]:
    for position, _ in kinds:
        numbers = table.numbers(position)
        if numbers.wrong is None or not np.isfinite(numbers.values).any():
            continue
        cell = table.cell(numbers.wrong, position)
        words = f"{table.place(numbers.wrong, position)}: {cell!r} is no number, so none is."
        odd = table.columns.odd_cells(position)
        strange = [row for row, text in odd if text not in PLACEHOLDERS]
        if 0 < len(strange) <= max(1, len(table) // 10):
            lines = some([int(line) for line in table.rows.lines[strange]], 5)
            words += f" Such cells are few (line {lines}): empty, they would count as missing."
        yield words


def _placeholders(table: Table, kinds: Iterable[tuple[int, Kind]]) -> Iterator[str]:
    """What stands for nothing in columns of numbers, where it would be a word in others."""
    for position, kind in kinds:
        if kind == "category":
            continue
        odd = table.columns.odd_cells(position)
        found = {row: cell for row, cell in odd if cell not in MISSING}
        if found:
            name, cells = table.names[position], sorted(map(repr, set(found.values())))
            lines = some([int(table.rows.lines[row]) for row in islice(found, 6)], 5)
            yield (
                f"{table.path}, column {name!r}: {some(cells, 5)} among numbers is taken as "
                f"missing, {len(found):,} times (line {lines}). If it is a word among others, say "
                f"{OPTIONS}words {name!r}."
            )


def _dates(table: Table, kinds: Iterable[tuple[int, Kind]]) -> Iterator[str]:
    for position, kind in kinds:
        name = table.names[position]
        if kind == "number" and are_compact_dates(table.numbers(position).values):
            yield (
                f"{table.path}, column {name!r}: what may be dates, such as "
                f"{table.cell(0, position)!r}, is taken as numbers, with gaps between the months. "
                "If they are dates, give days since one of them, or year, month and day, or leave "
                f"them out with {OPTIONS}ignore {name!r}."
            )
        if kind == "category" and look_like_dates(table.column(position)):
            yield (
                f"{table.path}, column {name!r}: dates such as {table.cell(0, position)!r} are "
                f"taken as categories, without order. Give days since one of them, or year, month "
                f"and day, as numbers, or leave them out with {OPTIONS}ignore {name!r}."
            )
