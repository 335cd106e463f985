"""Figures of series: bands and forecasts beside what was observed, and paths in the plane."""

from .bands import can_draw_bands, series_bands
from .phase import can_draw_phase, phase_portrait

__all__ = ["can_draw_bands", "can_draw_phase", "phase_portrait", "series_bands"]
