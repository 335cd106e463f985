"""Recipes: tuned runs as data."""

from . import cubic, digits
from .base import Recipe

__all__ = ["Recipe", "cubic", "digits"]
