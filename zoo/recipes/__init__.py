"""Recipes: tuned runs as data."""

from . import (
    annuli,
    cubic,
    digit_images,
    digits,
    fields,
    flip,
    forecasts,
    laws,
    noise,
    paths,
    periodic,
    plane,
    series_classes,
    spirals,
)
from .base import Recipe

__all__ = [
    "Recipe",
    "annuli",
    "cubic",
    "digit_images",
    "digits",
    "fields",
    "flip",
    "forecasts",
    "laws",
    "noise",
    "paths",
    "periodic",
    "plane",
    "series_classes",
    "spirals",
]
