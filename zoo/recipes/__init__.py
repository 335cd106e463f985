"""Recipes: tuned runs as data."""

from . import (
    annuli,
    cubic,
    densities,
    digit_flows,
    digit_images,
    digits,
    fields,
    flip,
    forecasts,
    known_laws,
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
    "densities",
    "digit_flows",
    "digit_images",
    "digits",
    "fields",
    "flip",
    "forecasts",
    "known_laws",
    "laws",
    "noise",
    "paths",
    "periodic",
    "plane",
    "series_classes",
    "spirals",
]
