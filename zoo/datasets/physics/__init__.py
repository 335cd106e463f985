"""Motions of mechanics and of compartments, from known equations, one file a data set."""

from . import (
    bouncing_ball,
    double_pendulum,
    pendulum,
    sir,
    spring,
    three_body,
    two_body,
)
from .motions import Motion, Sampling, motion_data

__all__ = [
    "Motion",
    "Sampling",
    "bouncing_ball",
    "double_pendulum",
    "motion_data",
    "pendulum",
    "sir",
    "spring",
    "three_body",
    "two_body",
]
