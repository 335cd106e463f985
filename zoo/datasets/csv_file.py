"""A user's own table: a text file of rows, some of whose columns are to be predicted."""

import dataclasses
from typing import Annotated

import numpy as np

from ..errors import DataError
from ..registry import register_dataset
from ..schema import File, Required
from .cells import EXACT, MISSING, PLACEHOLDERS, Kind
from .column import Missing
from .column_notes import column_notes
from .columns import TableInputs
from .enumeration import some
from .inference import Told, infer_task
from .raw import RawData
from .roles import OPTIONS, Roles, assign_roles, listed, role_notes
from .table import Delimiter, Header, Table, read_table


@register_dataset("csv")
def csv_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    target: str | None = None,
    ignore: str | None = None,
    words: str | None = None,
    numbers: str | None = None,
    task: Told = "auto",
    missing: Missing = "refuse",
    header: Header = "auto",
    delimiter: Delimiter = "auto",
    encoding: str = "utf-8",
) -> RawData:
    """A table of your own in a text file (classification or regression, as the target is).

    Columns of numbers are inputs as they are, categories a 0 or 1 for each word. Columns without a
    name are called c0, c1, ...

    Args:
        path: the file
        target: the column to predict, or several, as in price,rent; the last if not given
        ignore: columns that are no inputs, as in id,name
        words: columns whose cells are categories even if they look like numbers, as in zip,phone
        numbers: columns whose cells are numbers even if they look like codes, as in 007
        task: auto infers it from the target, and says so
        missing: what to do with a missing input, refuse it or put the training mean in its place
        header: whether line 1 names the columns; auto sees words above numbers
        delimiter: between cells: , ; tab or |; auto sees which gives all rows as many
        encoding: of the text, such as latin-1
    """
    table = read_table(
        path,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        names=[name for option in (target, words, numbers) for name in listed(option)],
        options=OPTIONS,
    )
    if len(table) == 1 and table.header is None:
        raise DataError(
            f"{path} holds one line alone: expected rows of data, below a line of names if they "
            "have any."
        )
    roles = assign_roles(table, target=target, ignore=ignore, words=words, numbers=numbers)
    y = _target_values(table, roles, task)
    chosen, about_target = infer_task(y, some(roles.targets), task)
    if chosen == "regression":
        y = y.astype(np.float64)
        kinds: dict[str, Kind] = dict.fromkeys(roles.targets, "number")
        roles = dataclasses.replace(roles, kinds={**roles.kinds, **kinds})
    notes = [
        table.about(OPTIONS),
        f"Target {about_target}",
        *role_notes(table, roles),
        *column_notes(table, roles),
    ]
    return RawData(
        {"y": y},
        ("classification", "density") if chosen == "classification" else ("regression",),
        roles.targets if chosen == "regression" else (),
        inputs=TableInputs(table, roles.inputs, missing, roles.kinds),
        notes=notes,
    )


def _target_values(table: Table, roles: Roles, task: Told) -> np.ndarray:
    """Numbers [N] (whole ones as integers) or text [N] of one target, numbers [N, targets] of
    several."""
    regression = len(roles.targets) > 1 or task == "regression"
    columns = [_target_column(table, name, regression, roles) for name in roles.targets]
    if len(columns) > 1:
        return np.stack(columns, axis=1)
    (values,) = columns
    whole = values.dtype.kind == "f" and (values == np.round(values)).all()
    return values.astype(np.int64) if whole and np.abs(values).max() < EXACT else values


def _target_column(table: Table, name: str, regression: bool, roles: Roles) -> np.ndarray:
    """Numbers, or text where there are others. Raises `DataError` for a missing one, always, and
    for text in a regression."""
    position, told = table.positions[name], roles.kinds.get(name)
    numbers = table.numbers(position)
    if (told == "number" or regression) and numbers.wrong is not None:
        raise DataError(
            f"{table.place(numbers.wrong, position)}: {table.cell(numbers.wrong, position)!r} is "
            "no number, as a regression, and so each of several targets, expects."
        )
    if told != "category" and (numbers.kind == "number" or regression or told == "number"):
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
