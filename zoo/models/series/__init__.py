"""Models of series: what they take, and one file a model."""

from .base import AbstractSeriesModel
from .batch import Series

__all__ = ["AbstractSeriesModel", "Series"]
