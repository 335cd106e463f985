"""What the columns of a user's long table are for, as told, or as found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...errors import ConfigError
from .cells import Kind
from .enumeration import some
from .roles import NONE, OPTIONS, chosen_columns, row_numbers
from .table import Table

IDS = ("id",)
TIMES = ("time", "t", "date")
"""What a column of ids, and one of times, is called where no option names it."""


@dataclass(frozen=True)
class SeriesRoles:
    """Names of columns of a long table, each in one role at most."""

    id: str | None
    time: str
    values: tuple[str, ...]
    static: tuple[str, ...]
    inputs: tuple[str, ...]
    label: str | None
    left_out: tuple[str, ...]
    """Columns of words, or that count the rows, which no option names."""
    guessed: bool
    """Whether the values are all other columns of numbers."""
    kinds: Mapping[str, Kind]
    """Of the columns of which an option says that they hold words."""


def assign_series_roles(
    table: Table,
    *,
    id: str | None,
    time: str | None,
    values: str | None,
    static: str | None,
    inputs: str | None,
    label: str | None,
    ignore: str | None,
    words: str | None,
) -> SeriesRoles:
    """The roles of a table's columns, where each option names some.

    Without `values` they are all other columns of numbers, but for those told to be `words`.

    Raises `ConfigError` for names that are not there or have two roles, without a column of times,
    and without one of values.
    """
    when = _one(table, "time", time, TIMES)
    if when is None:
        raise ConfigError(
            f"{table.path} has the columns {some(table.names)}, none of them called "
            f"{' or '.join(TIMES)}: expected one of times. Say which it is with {OPTIONS}time."
        )
    told = {
        "time": (when,),
        "id": _as_tuple(_one(table, "id", id, IDS)),
        "label": _as_tuple(_one(table, "label", label, ())),
        "values": chosen_columns(table, "values", values),
        "static": chosen_columns(table, "static", static),
        "inputs": chosen_columns(table, "inputs", inputs),
        "ignore": chosen_columns(table, "ignore", ignore),
    }
    _refuse_two_roles(told)
    used = {name for names in told.values() for name in names}
    counting = row_numbers(table, used)
    rest = [n for p, n in enumerate(table.names) if p not in table.blank and n not in used]
    rest = [name for name in rest if name != counting]
    kinds: dict[str, Kind] = dict.fromkeys(chosen_columns(table, "words", words), "category")
    read = {name: kinds.get(name) or table.numbers(table.positions[name]).kind for name in rest}
    numbers = [name for name in rest if read[name] == "number"]
    found = told["values"] or tuple(numbers)
    if not found:
        raise ConfigError(
            f"{table.path} has the columns {some(table.names)}, and no other of numbers than those "
            f"that have a role: expected one of values or more. Say which with {OPTIONS}values."
        )
    left_out = tuple(n for n in (*rest, *_as_tuple(counting)) if n not in found)
    first = {name: next(iter(told[name]), None) for name in ("id", "label")}
    return SeriesRoles(
        first["id"],
        when,
        found,
        told["static"],
        told["inputs"],
        first["label"],
        left_out,
        guessed=not told["values"],
        kinds=kinds,
    )


def series_role_notes(table: Table, roles: SeriesRoles) -> Iterator[str]:
    """Words on what no option said, and how to say otherwise."""
    if roles.id is None:
        yield (
            f"{table.path}: no column of ids, so that all rows are of one series; "
            f"{OPTIONS}id names one."
        )
    if roles.guessed:
        yield (
            f"Values are all other columns of numbers: {some(roles.values)}; {OPTIONS}values, "
            f"static, inputs or ignore say otherwise."
        )
    if roles.left_out:
        what = "of words or codes, or counts of rows," if roles.guessed else "that no option names"
        yield f"Columns {what} are left out: {some(roles.left_out)}."


def _one(table: Table, option: str, told: str | None, names: Sequence[str]) -> str | None:
    """The column that an option names, else the first that is called by one of some names."""
    if told == NONE and NONE not in table.positions:
        return None
    if told is None:
        lower = {name.lower(): name for name in reversed(table.names)}
        return next((lower[name] for name in names if name in lower), None)
    found = chosen_columns(table, option, told)
    if len(found) > 1:
        raise ConfigError(f"{OPTIONS}{option} {told}: expected one column, not {len(found)}.")
    return found[0]


def _as_tuple(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _refuse_two_roles(told: dict[str, tuple[str, ...]]) -> None:
    seen: dict[str, str] = {}
    for role, names in told.items():
        for name in names:
            if name in seen:
                raise ConfigError(
                    f"The column {name!r} is named by {OPTIONS}{seen[name]} and {OPTIONS}{role}: "
                    "expected each column in one role. Leave it out of one of them."
                )
            seen[name] = role
