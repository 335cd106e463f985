"""A user's own series: a long text file, one row a time."""

from dataclasses import replace
from typing import Annotated

from ...registry import register_dataset
from ...schema import File, PositiveFloat, Required, Seed
from ..preparation import Origin, SeriesInputs
from ..raw import RawData
from ..series.of_rows import Labels, rows_data
from ..series.options import SeriesOptions, Share, SplitBy
from .clock import Clock, Dates, clock_notes, read_times
from .inference import TaskChoice, told_target
from .roles import NONE, OPTIONS, Roles, listed
from .series_columns import SeriesColumns, TableRow, time_cells
from .series_roles import SeriesRoles, assign_series_roles, series_role_notes
from .table import Delimiter, Header, Table, read_table
from .target_columns import target_values


@register_dataset("csv_series")
def csv_series(
    *,
    path: Annotated[str, Required(), File()] = "",
    id: str | None = None,
    time: str | None = None,
    values: str | None = None,
    static: str | None = None,
    inputs: str | None = None,
    label: str | None = None,
    ignore: str | None = None,
    words: str | None = None,
    task: TaskChoice = "auto",
    dates: Dates = "auto",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    season: PositiveFloat | None = None,
    origin: Origin = "series",
    split_by: SplitBy | None = None,
    context: PositiveFloat | None = None,
    seed: Seed = 0,
    header: Header = "auto",
    delimiter: Delimiter = "auto",
    encoding: str = "utf-8",
) -> RawData:
    """Series of your own in a long text file, one row a time, in any order.

    Series may be of unequal lengths, and empty cells are missing values. A label of numbers is a
    regression, one of words or few whole numbers a classification.

    Args:
        path: the file
        id: the column that says of which series a row is; the one called id if not given, and none
            where all rows are of one series
        time: the column of times, numbers or dates; the one called time, t or date if not given
        values: the columns of the series' values, as in pulse,pressure; all other columns of
            numbers if not given
        static: columns of numbers that are the same in all rows of a series
        inputs: columns of an input that is known at every time, also at those to be predicted
        label: the column of what is to be predicted of a series, the same in all its rows
        ignore: columns that are left out
        words: columns that hold words even if they look like numbers, such as a label of codes
        task: what the label is for; auto infers it, and says so
        dates: whether times such as 19580329 are dates; auto takes them so where all can be one,
            and says so. Times that are dates count in days
        drop: share of the times that are removed from each series, by chance
        hide: share of the times that the model is not shown and has to find (interpolation)
        horizon: how much of each series' end the model is not shown and has to find (forecasting),
            in the unit of the times
        season: how long a season lasts, in the unit of the times; forecasts are compared with the
            season before
        origin: where time 0 lies, at each series' own start or at one for all
        split_by: whether the parts hold whole series, or windows of each series in order of time;
            time where the file holds one series and a horizon is given, else series
        context: how much a window shows before its horizon, in the unit of the times; three times
            the horizon if not given
        seed: of the times that are dropped and hidden
        header: whether line 1 names the columns; auto sees words above numbers
        delimiter: between cells: , ; tab or |; auto sees which gives all rows as many
        encoding: of the text, such as latin-1
    """
    told = (id, time, values, static, inputs, label, words)
    table = read_table(
        path,
        header=header,
        delimiter=delimiter,
        encoding=encoding,
        names=[name for each in told if each != NONE for name in listed(each)],
        options=OPTIONS,
    )
    roles = assign_series_roles(
        table,
        id=id,
        time=time,
        values=values,
        static=static,
        inputs=inputs,
        label=label,
        ignore=ignore,
        words=words,
    )
    by_time = split_by is None and roles.id is None and horizon is not None
    asked = SeriesOptions.checked(
        drop=drop,
        hide=hide,
        horizon=horizon,
        season=season,
        origin=origin,
        split_by="time" if by_time else split_by or "series",
        context=context,
        seed=seed,
    )
    return _read(table, roles, asked, task, dates)


def _read(
    table: Table, roles: SeriesRoles, asked: SeriesOptions, task: TaskChoice, dates: Dates
) -> RawData:
    """The data set of a table whose columns have their roles."""
    times = time_cells(table, roles.time)
    read = read_times(times, dates, TableRow(table))
    clock = Clock.of(read)
    columns = SeriesColumns(
        roles.id, roles.time, roles.values, roles.static, roles.inputs, clock=clock
    )
    labels = None
    if roles.label is not None:
        as_target = Roles((roles.label,), (), roles.kinds)
        labels = Labels(target_values(table, as_target, told_target(task)), roles.label)
    notes = [
        table.about(OPTIONS),
        *series_role_notes(table, roles),
        *clock_notes(f"Column {roles.time}", times, clock, dates, f"{OPTIONS}dates"),
    ]
    raw = rows_data(
        columns.read(table, read),
        asked,
        channel_names=roles.values,
        labels=labels,
        task=task,
        notes=notes,
    )
    assert isinstance(raw.inputs, SeriesInputs)
    return replace(raw, inputs=replace(raw.inputs, columns=columns))
