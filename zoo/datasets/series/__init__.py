"""Series of unequal lengths at times of their own: checked, thinned, hidden, cut into windows."""

from . import generated, real
from .build import series_data
from .make import make_series
from .options import SeriesOptions, Share, SplitBy

__all__ = [
    "SeriesOptions",
    "Share",
    "SplitBy",
    "generated",
    "make_series",
    "real",
    "series_data",
]
