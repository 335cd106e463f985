"""A data set of series from its arrays: what is removed, hidden, and cut into windows."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ...errors import DataError
from ..preparation import Origin, SeriesInputs
from ..raw import RawData
from .checks import checked_arrays
from .drop import drop_times
from .inputs import WindowInputs
from .options import SeriesOptions, SplitBy
from .shown import before_horizon, hidden_by_chance
from .windows import Windows, cut_windows

CONTEXTS = 3
"""So many horizons long is the context of a window where none is given."""


def series_data(
    arrays: Mapping[str, np.ndarray],
    tasks: Sequence[str],
    *,
    drop: float = 0.0,
    hide: float = 0.0,
    horizon: float | None = None,
    seed: int = 0,
    channel_names: Sequence[str] = (),
    target_names: Sequence[str] = (),
    season: float | None = None,
    origin: Origin = "series",
    split_by: SplitBy = "series",
    context: float | None = None,
    notes: Sequence[str] = (),
    ids: Sequence[object] | None = None,
) -> RawData:
    """Series of a data set, of unequal lengths and with missing values, as a builder returns them.

        @zoo.register_dataset("decay", kind="series", tasks=("trajectory",))
        def decay(*, n: Size = 100, drop: Share = 0.0, ...) -> RawData:
            return series_data({"t": t, "x": x}, ("trajectory",), drop=drop, ...)

    The arrays, in the user's units:

    - `t` [N, T] or [T]: increasing; a series that is shorter repeats its last time. 0, 1, ... if
      absent.
    - `x` [N, T, D], and `mask` of its shape or [N, T], 1 where it is observed; all if absent.
    - `dx` [N, T, D], where the derivatives of x by time are known: see the loss `derivative`.
    - `static` [N, S], `inputs` [N, T, U], `y` [N] or [N, targets], where there are some.

    With `horizon` or `hide` there is an array `given` too, and forecasting, or interpolation, comes
    first among the tasks. What is drawn for a series follows from the seed and its index: the order
    or number of other series changes nothing.

    Args:
        arrays: by name.
        tasks: that the arrays serve, the preferred one first.
        drop: share of the observed times that are removed from each series.
        hide: share of the observed times that the model is not shown (interpolation).
        horizon: how much of each series' end the model is not shown, in the unit of the times
            (forecasting).
        seed: of what is dropped and hidden.
        channel_names: of the D channels.
        target_names: of the columns of `y` that are numbers.
        season: how long a season lasts, in the unit of the times.
        origin: whether time 0 is each series' own start, or one for all.
        split_by: whether a split's parts hold whole series, or windows in order of time, the
            training ones first.
        context: how long a window is before its horizon; three horizons where not given.
        notes: what the user should know of the data.
        ids: what the series are called in an error; by number where None.

    Raises `DataError` for arrays that `checked_arrays` refuses and for series that are too short
    for a horizon or a window, and `ConfigError` for options out of range or that do not go
    together.
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
    made = checked_arrays(arrays, ids)
    _check_names(channel_names, made["x"].shape[-1])
    made = drop_times(made, asked.drop, seed) if asked.drop else made
    windows = _windows(made, asked)
    made = made if windows is None else windows.arrays
    made = _with_given(made, windows, asked, ids)
    along = {name: made.pop(name) for name in list(made) if name not in _OF_SERIES}
    told = (made, tuple(channel_names), asked.season, asked.origin)
    inputs = SeriesInputs(*told)
    if windows is not None:
        inputs = WindowInputs(*told, reach=windows.reach, tiles=windows.tiles)
    return RawData(
        along,
        tuple(dict.fromkeys((*_asked_tasks(asked), *tasks))),
        tuple(target_names),
        inputs=inputs,
        notes=(*notes, *_notes(asked, windows)),
        kind="series",
    )


_OF_SERIES = ("t", "x", "mask", "given", "static", "inputs", "dx")


def _check_names(names: Sequence[str], channels: int) -> None:
    if names and len(names) != channels:
        raise DataError(
            f"channel_names are {', '.join(names)}; x has {channels} channels: expected a name for "
            "each."
        )


def _asked_tasks(asked: SeriesOptions) -> Iterator[str]:
    """The tasks that find what a model is not shown."""
    if asked.horizon is not None:
        yield "forecasting"
    if asked.hide:
        yield "interpolation"


def _windows(arrays: Mapping[str, np.ndarray], asked: SeriesOptions) -> Windows | None:
    """The windows of a split by time; None where whole series are split."""
    if asked.split_by != "time" or asked.horizon is None:
        return None
    if "y" in arrays:
        raise DataError(
            "split_by = 'time' and the series have targets y: those belong to whole series, and "
            "windows of one would be in several parts. Give split_by = 'series', or leave y out."
        )
    context = CONTEXTS * asked.horizon if asked.context is None else asked.context
    return cut_windows(arrays, context, asked.horizon)


def _with_given(
    arrays: dict[str, np.ndarray],
    windows: Windows | None,
    asked: SeriesOptions,
    ids: Sequence[object] | None,
) -> dict[str, np.ndarray]:
    """The arrays, with `given` [N, T, D] where a model is not shown all that is observed."""
    if asked.horizon is None and not asked.hide:
        return arrays
    mask = arrays["mask"]
    shown = np.ones(mask.shape[:2], bool)
    if windows is not None:
        shown = windows.shown
    elif asked.horizon is not None:
        shown = before_horizon(arrays, asked.horizon, ids)
    if asked.hide:
        shown = hidden_by_chance(mask, shown, asked.hide, asked.seed)
    return {**arrays, "given": mask & shown[..., None]}


def _notes(asked: SeriesOptions, windows: Windows | None) -> Iterator[str]:
    if windows is None:
        return
    context = "three times the horizon" if asked.context is None else "as told"
    yield (
        f"{len(windows.rows):,} windows of {len(np.unique(windows.rows)):,} series, in order of "
        f"time: each shows a context, {context}, and ends with a horizon of {asked.horizon:g}."
    )
