"""Carbon dioxide in the air, week by week."""

import numpy as np

from ....registry import register_dataset
from ....schema import PositiveFloat, Seed
from ...raw import RawData
from ..build import series_data
from ..options import Share
from .levels import from_last_shown
from .shipped import read_columns

YEAR = 365.2425
"""Days of a mean year of the calendar."""


@register_dataset("co2", kind="series", tasks=("forecasting",))
def co2(
    *,
    horizon: PositiveFloat = 1.0,
    context: PositiveFloat = 4.0,
    relative: bool = False,
    drop: Share = 0.0,
    hide: Share = 0.0,
    seed: Seed = 0,
) -> RawData:
    """Carbon dioxide on Mauna Loa, weekly from 1958 to 2001, with gaps and a season (forecasting).

    Keeling and Whorf 2004, "Atmospheric CO2 concentrations derived from flask air samples at sites
    in the SIO network": 2,225 weekly means in parts per million by volume, 59 weeks have none. It
    rises, so that no training window holds the values of a test window, and has a season of one
    year. Time is in years; the split's parts are windows in order of time.

    Args:
        horizon: how much of a window's end the model is not shown, in years
        context: how much a window shows before that, in years
        relative: whether values count from the last one that a window shows, which leaves errors in
            their unit and takes the rise out of the range of values
        drop: share of the weeks that are removed
        hide: share of the weeks of a context that the model is not shown either (interpolation)
        seed: of the weeks that are dropped and hidden
    """
    columns = read_columns("co2.csv")
    words = columns["date"]
    days = np.array([f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in words], "datetime64[D]")
    since_1958 = (days - np.datetime64("1958-01-01")).astype(float)
    value = np.array([float(cell) if cell else np.nan for cell in columns["co2"]])
    known = ~np.isnan(value)
    raw = series_data(
        {"t": (1958 + since_1958 / YEAR)[None, known], "x": value[None, known, None]},
        ("forecasting",),
        drop=drop,
        hide=hide,
        horizon=horizon,
        context=context,
        split_by="time",
        season=1.0,
        seed=seed,
        channel_names=("co2",),
    )
    return from_last_shown(raw) if relative else raw
