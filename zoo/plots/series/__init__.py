"""Figures of series: bands and forecasts beside what was observed, and paths in the plane."""

from .bands import can_draw_bands, series_bands
from .control import can_draw_control, control_paths
from .phase import can_draw_phase, phase_portrait

__all__ = [
    "can_draw_bands",
    "can_draw_control",
    "can_draw_phase",
    "control_paths",
    "phase_portrait",
    "series_bands",
]
