"""Recipes: tuned runs as data."""

from . import annuli, cubic, digits, flip, plane
from .base import Recipe

__all__ = ["Recipe", "annuli", "cubic", "digits", "flip", "plane"]
