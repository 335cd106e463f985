"""Forecasts that learn nothing of the values: one file a rule, and the model that they make."""

from .forecast import NaiveForecast
from .last_value import LastValue
from .mean_value import MeanValue
from .rule import AbstractNaiveRule
from .seasonal_naive import SeasonalNaive

__all__ = ["AbstractNaiveRule", "LastValue", "MeanValue", "NaiveForecast", "SeasonalNaive"]
