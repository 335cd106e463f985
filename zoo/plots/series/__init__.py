"""Figures of series: bands and forecasts beside what was observed, and paths in the plane."""

from .bands import can_draw_bands, series_bands
from .bodies import bodies_animation, can_draw_bodies
from .control import can_draw_control, control_paths
from .phase import can_draw_phase, phase_portrait
from .rollouts import can_draw_rollouts, rollouts_by_time

__all__ = [
    "bodies_animation",
    "can_draw_bands",
    "can_draw_bodies",
    "can_draw_control",
    "can_draw_phase",
    "can_draw_rollouts",
    "control_paths",
    "phase_portrait",
    "rollouts_by_time",
    "series_bands",
]
