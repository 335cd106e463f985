"""The columns of a table that are to be predicted, as arrays."""

import numpy as np

from ...errors import DataError
from ...tasks import Target
from .cells import EXACT, MISSING, PLACEHOLDERS
from .roles import OPTIONS, Roles
from .table import Table


def target_values(table: Table, roles: Roles, told: Target | None) -> np.ndarray:
    """Numbers [N] (whole ones as integers) or text [N] of one target, numbers [N, targets] of
    several.

    `told` is what the user says that they are; None where it is to be inferred.

    Raises `DataError` for a missing target, and for text where numbers are wanted.
    """
    wanted = len(roles.targets) > 1 or told is Target.NUMBERS
    columns = [_target_column(table, name, wanted, roles) for name in roles.targets]
    if len(columns) > 1:
        return np.stack(columns, axis=1)
    (values,) = columns
    whole = values.dtype.kind == "f" and (values == np.round(values)).all()
    return values.astype(np.int64) if whole and np.abs(values).max() < EXACT else values


def _target_column(table: Table, name: str, wanted: bool, roles: Roles) -> np.ndarray:
    """Numbers, or text where there are others and no numbers are `wanted`. Raises `DataError`."""
    position, told = table.positions[name], roles.kinds.get(name)
    numbers = table.numbers(position)
    if (told == "number" or wanted) and numbers.wrong is not None:
        raise DataError(
            f"{table.place(numbers.wrong, position)}: {table.cell(numbers.wrong, position)!r} is "
            "no number, as a regression, and so each of several targets, expects."
        )
    if told != "category" and (numbers.kind == "number" or wanted or told == "number"):
        missing, values = np.isnan(numbers.values), numbers.values
    else:
        cells = table.column(position)
        missing, values = np.fromiter(map(MISSING.__contains__, cells), bool, len(cells)), None
    if missing.any():
        row = int(np.argmax(missing))
        cell = table.cell(row, position)
        may_be_word = cell in PLACEHOLDERS - MISSING
        word = f" If it is a class, say {OPTIONS}words {name!r}." if may_be_word else ""
        raise DataError(
            f"{table.place(row, position)}: the target is missing ({cell!r}). Delete "
            f"the row: what is to be learned is never filled in.{word}"
        )
    return np.array(table.column(position)) if values is None else values
