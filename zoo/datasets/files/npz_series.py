"""A user's own series: arrays that `numpy.savez` wrote, padded or one behind the other."""

from typing import Annotated, Literal

from ...registry import register_dataset
from ...schema import File, PositiveFloat, Required, Seed
from ..preparation import Origin
from ..raw import RawData
from ..series.build import series_data
from ..series.of_rows import with_labels, without_labels
from ..series.options import Share, SplitBy
from .inference import TaskChoice
from .npz_file import array_targets
from .series_arrays import series_arrays


@register_dataset("npz_series")
def npz_series(
    *,
    path: Annotated[str, Required(), File()] = "",
    target: Literal["none"] | None = None,
    task: TaskChoice = "auto",
    drop: Share = 0.0,
    hide: Share = 0.0,
    horizon: PositiveFloat | None = None,
    season: PositiveFloat | None = None,
    origin: Origin = "series",
    split_by: SplitBy = "series",
    context: PositiveFloat | None = None,
    seed: Seed = 0,
) -> RawData:
    """Series of your own in an .npz file: x, and perhaps t, mask, static, inputs, y and lengths.

    x is (series, times, channels), NaN where a value is missing; a shorter series repeats its last
    time in t. With lengths, x (rows, channels), t, mask and inputs are those of all series one
    behind the other.

    Args:
        path: the file
        target: none for data without targets; an array y is then left out
        task: what y is for; auto infers it, and says so
        drop: share of the times that are removed from each series, by chance
        hide: share of the times that the model is not shown and has to find (interpolation)
        horizon: how much of each series' end the model is not shown and has to find (forecasting),
            in the unit of the times
        season: how long a season lasts, in the unit of the times; forecasts are compared with the
            season before
        origin: where time 0 lies, at each series' own start or at one for all
        split_by: whether the parts hold whole series, or windows of each series in order of time
        context: how much a window shows before its horizon, in the unit of the times; three times
            the horizon if not given
        seed: of the times that are dropped and hidden
    """
    arrays = series_arrays(path)
    notes = [f"{path}: x {arrays['x'].shape}."]
    y = arrays.pop("y", None)
    if target is not None or y is None:
        tasks = without_labels(task)
    else:
        arrays["y"], held, words = array_targets(path, y, "y", task)
        tasks = with_labels(held)
        notes.append(f"Target {words}")
    return series_data(
        arrays,
        tasks,
        drop=drop,
        hide=hide,
        horizon=horizon,
        season=season,
        origin=origin,
        split_by=split_by,
        context=context,
        seed=seed,
        notes=notes,
    )
