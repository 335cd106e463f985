"""Series of unequal lengths at times of their own: checked, thinned, hidden, cut into windows."""

from .build import series_data
from .options import SeriesOptions, Share, SplitBy

__all__ = ["SeriesOptions", "Share", "SplitBy", "series_data"]
