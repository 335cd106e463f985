"""A user's own table: a text file of rows, some of whose columns are to be predicted."""

import dataclasses
from typing import Annotated

import numpy as np

from ...errors import DataError
from ...registry import register_dataset
from ...schema import File, Required
from ...tasks import Target
from ..preparation.table import TableInputs
from ..raw import RawData
from .cells import Kind
from .column import Missing
from .column_notes import column_notes
from .enumeration import some
from .inference import SERVED, TaskChoice, check_untold, infer_target, told_target
from .roles import NONE, OPTIONS, Roles, assign_roles, listed, role_notes
from .table import Delimiter, Header, Table, read_table
from .target_columns import target_values


@register_dataset("csv")
def csv_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    target: str | None = None,
    ignore: str | None = None,
    words: str | None = None,
    numbers: str | None = None,
    task: TaskChoice = "auto",
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
        target: the column to predict, or several, as in price,rent; none for data without; the last
            if not given
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
        names=[name for each in (target, words, numbers) if each != NONE for name in listed(each)],
        options=OPTIONS,
    )
    if len(table) == 1 and table.header is None:
        raise DataError(
            f"{path} holds one line alone: expected rows of data, below a line of names if they "
            "have any."
        )
    roles = assign_roles(table, target=target, ignore=ignore, words=words, numbers=numbers)
    if not roles.targets:
        return _without_targets(table, roles, missing, task)
    y = target_values(table, roles, told_target(task))
    held, about_target = infer_target(y, some(roles.targets), task)
    if held is Target.NUMBERS:
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
        SERVED[held],
        roles.targets if held is Target.NUMBERS else (),
        inputs=TableInputs(table, roles.inputs, missing, roles.kinds),
        notes=notes,
    )


def _without_targets(table: Table, roles: Roles, missing: Missing, told: TaskChoice) -> RawData:
    """The data of `--dataset.target none`, all of whose inputs are numbers.

    Raises `DataError` for an input of words: the 0 and 1 of a category have no density.
    """
    check_untold(told)
    kinds = {n: roles.kinds.get(n) or table.numbers(table.positions[n]).kind for n in roles.inputs}
    words = [name for name, kind in kinds.items() if kind == "category"]
    if words:
        raise DataError(
            f"{table.path}: column {some(words)} holds words, and without a target what is learned "
            f"is a density, which words do not have: expected numbers alone. Leave it out with "
            f"{OPTIONS}ignore {','.join(words)}, or say {OPTIONS}target."
        )
    notes = [
        table.about(OPTIONS),
        "No target, as told.",
        *role_notes(table, roles),
        *column_notes(table, roles),
    ]
    inputs = TableInputs(table, roles.inputs, missing, roles.kinds)
    return RawData({}, SERVED[Target.NOTHING], inputs=inputs, notes=notes)
