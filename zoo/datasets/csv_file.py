"""A user's own table: a text file of rows, some of whose columns are to be predicted."""

import csv
from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np

from ..errors import ConfigError, DataError
from ..registry import register_dataset, unknown
from ..schema import File, Required
from .cells import MISSING
from .column import Missing
from .columns import TableInputs
from .inference import Told, infer_task
from .raw import RawData
from .table import Delimiter, Header, Table, read_table

OPTIONS = "--dataset."


@register_dataset("csv")
def csv_file(
    *,
    path: Annotated[str, Required(), File()] = "",
    target: str | None = None,
    ignore: str | None = None,
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
        task: auto infers it from the target, and says so
        missing: what to do with a missing input, refuse it or put the training mean in its place
        header: whether line 1 names the columns; auto sees words above numbers
        delimiter: between cells: , ; tab or |; auto sees which gives all rows as many
        encoding: of the text, such as latin-1
    """
    wanted = [] if target is None else _listed(target)
    table = read_table(
        path,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        names=wanted,
        options=OPTIONS,
    )
    targets = _choose(table, "target", table.names[-1] if target is None else target)
    ignored = _choose(table, "ignore", ignore)
    inputs = tuple(name for name in table.names if name not in (*targets, *ignored))
    if not inputs or set(targets) & set(ignored):
        raise ConfigError(
            f"{path} has the columns {', '.join(table.names)}: expected at least one input beside "
            f"the target {', '.join(targets)}, which is not to be ignored."
        )
    y = _target_values(table, targets, task)
    chosen, words = infer_task(y, ", ".join(targets), task)
    if chosen == "regression":
        y = y.astype(np.float64)
    notes = [table.about(OPTIONS), f"Target {words}", *_words_on_words(table, inputs, targets)]
    return RawData(
        {"y": y},
        ("classification", "density") if chosen == "classification" else ("regression",),
        targets if chosen == "regression" else (),
        inputs=TableInputs(table, inputs, missing),
        notes=notes,
    )


def _listed(text: str) -> list[str]:
    """Names separated by commas, one with a comma in it within quotes."""
    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]


def _choose(table: Table, option: str, text: str | None) -> tuple[str, ...]:
    """The columns that an option names."""
    if text is None:
        return ()
    names = [text] if text in table.names else _listed(text)
    for name in names:
        if name not in table.names:
            found = "" if table.header else " No names were found in line 1 (--dataset.header yes)."
            known = unknown("column", name, list(table.names))
            raise ConfigError(f"{OPTIONS}{option} {text}: {known}{found}")
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"{OPTIONS}{option} {text!r}: expected names of columns, each once.")
    return tuple(names)


def _target_values(table: Table, targets: Sequence[str], task: Told) -> np.ndarray:
    """Numbers [N] (whole ones as integers) or text [N] of one target, numbers [N, targets] of
    several."""
    regression = len(targets) > 1 or task == "regression"
    columns = [_target_column(table, table.names.index(name), regression) for name in targets]
    if len(columns) > 1:
        return np.stack(columns, axis=1)
    (values,) = columns
    whole = values.dtype.kind == "f" and (values == np.round(values)).all()
    return values.astype(np.int64) if whole and np.abs(values).max() < 2**53 else values


def _target_column(table: Table, position: int, regression: bool) -> np.ndarray:
    """Numbers, or text where there are others. Raises `DataError` for a missing one, always, and
    for text in a regression."""
    cells, numbers = table.column(position), table.numbers(position)
    gaps = [row for row, cell in enumerate(cells) if cell in MISSING]
    if numbers.are_numbers:
        gaps = np.flatnonzero(np.isnan(numbers.values)).tolist()
    if gaps:
        raise DataError(
            f"{table.place(gaps[0], position)}: the target is missing ({cells[gaps[0]]!r}). Delete "
            "the row: what is to be learned is never filled in."
        )
    if regression and not numbers.are_numbers:
        row = numbers.wrong or 0
        raise DataError(
            f"{table.place(row, position)}: {cells[row]!r} is no number, as a regression, and so "
            "each of several targets, expects."
        )
    return numbers.values if numbers.are_numbers else np.array(cells)


def _words_on_words(table: Table, inputs: Sequence[str], targets: Sequence[str]) -> Iterator[str]:
    """Which columns were not read as numbers, and why, where some of its cells are."""
    categories = []
    for position, name in enumerate(table.names):
        numbers = table.numbers(position)
        if numbers.are_numbers or name not in (*inputs, *targets):
            continue
        cells = table.column(position)
        if name in inputs:
            categories.append(f"{name} ({len(set(cells) - MISSING)})")
        if numbers.wrong is not None and np.isfinite(numbers.values).any():
            cell = cells[numbers.wrong]
            yield f"{table.place(numbers.wrong, position)}: {cell!r} is no number, so none is."
    if categories:
        yield f"Inputs read as categories, with how many: {', '.join(categories)}."
