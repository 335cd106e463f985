"""A `Dataset` of one's own series, from long arrays: one row a time."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..base import Dataset, make_dataset
from ..files.clock import Clock, Dates, clock_notes, read_times
from ..files.inference import TaskChoice
from ..files.long_rows import LongRows
from ..preparation import Origin
from .given import Column, by_row, check_lengths, ids_of, labels_of, numbers_of, row_place, times_of
from .of_rows import Labels, rows_data
from .options import SeriesOptions, SplitBy


def make_series(
    ids: Column | None,
    times: Column,
    values: Column,
    *,
    labels: Column | Mapping[object, object] | None = None,
    static: Column | Mapping[object, object] | None = None,
    inputs: Column | None = None,
    channel_names: Sequence[str] = (),
    task: TaskChoice = "auto",
    dates: Dates = "auto",
    name: str = "data",
    seed: int = 0,
    split: str = "60/20/20",
    standardise: bool = True,
    drop: float = 0.0,
    hide: float = 0.0,
    horizon: float | None = None,
    season: float | None = None,
    origin: Origin = "series",
    split_by: SplitBy = "series",
    context: float | None = None,
) -> Dataset:
    """A `Dataset` of one's own series, whose R rows are of one time each, in any order.

        zoo.make_series(frame["patient"], frame["when"], frame[["pulse", "pressure"]],
                        labels=frame["outcome"])

    Args:
        ids: which series a row is of, [R]: text or numbers; None where all are of one.
        times: [R]: numbers, datetime64, or text of ISO 8601. Whole numbers may be epoch stamps of
            any unit. Dates become days, in which `horizon`, `season` and `context` are then.
        values: [R] or [R, D]; NaN or None where one is missing.
        labels: what is to be predicted of a series, [R] and the same in all its rows, or by id.
            Numbers are a regression, words and few whole numbers classes.
        static: numbers that a series has but once, likewise: [R] or [R, S], or by id.
        inputs: a known input at each time, [R] or [R, U].
        channel_names: of the D channels of `values`.
        task: what labels are for; `auto` infers it, and a note says so.
        dates: whether whole numbers such as 19580329 are dates; `auto` takes them so where all can
            be one, and a note says so.
        name: what to call the data.
        seed: decides the split, and what is dropped and hidden.
        split: percentages of train/val/test, or `all`.
        standardise: whether values, inputs, static numbers and targets get mean 0 and deviation 1.
        drop: as for `zoo.datasets.series_data`, like the options that follow.
        hide: share of the observed times that the model is not shown.
        horizon: how much of each series' end the model is not shown.
        season: how long a season lasts.
        origin: whether time 0 is each series' own start, or one for all.
        split_by: whether the parts of the split hold whole series, or windows in order of time.
        context: how long a window is before its horizon.

    Raises `DataError` for rows that make no series, by row, and `ConfigError` for options that are
    out of range or do not go together.
    """
    asked = SeriesOptions.checked(
        drop=drop,
        hide=hide,
        horizon=horizon,
        season=season,
        origin=origin,
        split_by=split_by,
        context=context,
        seed=seed,
    )
    when = times_of(times)
    read = read_times(when, dates, row_place)
    clock = Clock.of(read)
    which = np.zeros(len(when), np.int64) if ids is None else ids_of(ids)
    told = None if labels is None else labels_of(by_row("labels", labels, which))
    long = LongRows(
        which,
        clock.numbers(read, row_place),
        numbers_of("values", values),
        row_place,
        inputs=None if inputs is None else numbers_of("inputs", inputs),
        static=None if static is None else numbers_of("static", by_row("static", static, which)),
    )
    check_lengths(long, told)
    raw = rows_data(
        long,
        asked,
        channel_names=channel_names,
        labels=None if told is None else Labels(told),
        task=task,
        notes=clock_notes("times", when, clock, dates, "dates ="),
    )
    return make_dataset(raw, name=name, seed=seed, split=split, standardise=standardise)
