"""What the columns of a user's table are for: targets, inputs, or nothing; as told, or as found."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import ConfigError
from ...registry import unknown
from .cells import Kind
from .enumeration import some
from .table import Table

OPTIONS = "--dataset."
NONE = "none"
"""In the place of a target's name: there is none, unless a column is called so."""


@dataclass(frozen=True)
class Roles:
    """Names of columns, each once.

    `kinds` are told by the user. `row_numbers` is a first column that counts the rows and was left
    out for that.
    """

    targets: tuple[str, ...]
    inputs: tuple[str, ...]
    kinds: Mapping[str, Kind]
    row_numbers: str | None = None


def listed(text: str | None) -> list[str]:
    """Names separated by commas, one with a comma or a line break in it within quotes.

    Raises `ConfigError` for a line break outside of quotes.
    """
    if text is None:
        return []
    try:
        names = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error as error:
        raise ConfigError(
            f"{text!r} is no list of columns: expected names separated by commas, those "
            "with a comma or a line break in double quotes, such as 'price,\"width\\nin m\"'."
        ) from error
    return [name.strip() for name in names]


def assign_roles(
    table: Table, *, target: str | None, ignore: str | None, words: str | None, numbers: str | None
) -> Roles:
    """The roles of a table's columns, where each option names some.

    Without `target` it is the last column that is not blank; `none` is no column. A first column
    without a name that counts the rows, as pandas and R write one, is no input unless an option
    names it.

    Raises `ConfigError` for names that are not there or have two roles, without an input, and
    where the last column is to be the target and has no name among those that have.
    """
    names = [name for p, name in enumerate(table.names) if p not in table.blank]
    targets = _targets(table, names, target)
    ignored = set(chosen_columns(table, "ignore", ignore))
    kinds = _kinds(chosen_columns(table, "words", words), chosen_columns(table, "numbers", numbers))
    counting = row_numbers(table, {*targets, *ignored, *kinds})
    left_out = {*targets, *ignored, counting}
    inputs = tuple(name for name in names if name not in left_out)
    if not inputs or set(targets) & ignored:
        beside = f" beside the target {some(targets)}, which is not to be ignored"
        raise ConfigError(
            f"{table.path} has the columns {some(names)}: expected at least one input"
            f"{beside if targets else ''}."
        )
    return Roles(targets, inputs, kinds, counting)


def _targets(table: Table, names: list[str], target: str | None) -> tuple[str, ...]:
    """The columns to predict, of those that are not blank: () where `none` is asked for."""
    if target == NONE and NONE not in table.positions:
        return ()
    return (_last(table, names),) if target is None else chosen_columns(table, "target", target)


def chosen_columns(table: Table, option: str, text: str | None) -> tuple[str, ...]:
    """The columns that an option names; () for None.

    Raises `ConfigError` for a name that is not there, and for one that is given twice.
    """
    if text is None:
        return ()
    names = [text] if text in table.positions else listed(text)
    for name in names:
        if name not in table.positions:
            found = "" if table.header else " No names were found in line 1 (--dataset.header yes)."
            known = unknown("column", name, list(table.names))
            raise ConfigError(f"{OPTIONS}{option} {text}: {known}{found}")
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"{OPTIONS}{option} {text!r}: expected names of columns, each once.")
    return tuple(names)


def _kinds(words: tuple[str, ...], numbers: tuple[str, ...]) -> dict[str, Kind]:
    both = set(words) & set(numbers)
    if both:
        raise ConfigError(
            f"--dataset.words and --dataset.numbers both name {some(sorted(both))}: expected each "
            "column in one of them."
        )
    return {**dict.fromkeys(words, "category"), **dict.fromkeys(numbers, "number")}


def _last(table: Table, names: list[str]) -> str:
    """The last column that is not blank, if that can be meant."""
    if not names:
        raise ConfigError(f"{table.path} has nothing but empty cells: expected a target.")
    last = names[-1]
    if table.header is not None and not table.header.cells[table.positions[last]]:
        named = [name for name, cell in zip(table.names, table.header.cells, strict=True) if cell]
        raise ConfigError(
            f"The last column of {table.path} has no name in line {table.header.line}: say which "
            f"is the target, as in {OPTIONS}target {last} for that one. Named are {some(named)}."
        )
    return last


def row_numbers(table: Table, told: set[str]) -> str | None:
    """A first column without a name that holds 0 to N-1 or 1 to N, in any order; None without.

    `told` are the columns that an option names, which are never left out.
    """
    name = table.names[0]
    nameless = table.header is not None and table.header.cells[0] in ("", "Unnamed: 0")
    if not nameless or name in told or len(table.names) < 3:
        return None
    values = table.numbers(0).values
    low = values.min(initial=np.inf)
    counted = low in (0, 1) and (np.sort(values) == np.arange(low, low + len(values))).all()
    return name if counted else None


def role_notes(table: Table, roles: Roles) -> Iterator[str]:
    """Which columns are no inputs though no option says so, and how to say otherwise."""
    if table.blank:
        names = some([str(position + 1) for position in sorted(table.blank)])
        yield (
            f"{table.path}: column {names} has no name and no value in any row; it is left out, as "
            "what a delimiter at the end of each line makes."
        )
    if roles.row_numbers is not None:
        yield (
            f"{table.path}: the first column has no name and counts the rows: it is left out. To "
            f"take it as an input, say {OPTIONS}numbers {roles.row_numbers!r}."
        )
    elif table.header is not None and not table.header.cells[0] and 0 not in table.blank:
        yield f"{table.path}: the first column has no name; it is called {table.names[0]}."
