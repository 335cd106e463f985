"""Solves that end at an event: `until`, and the value `Hit`."""

from .until import Hit, until

__all__ = ["Hit", "until"]
