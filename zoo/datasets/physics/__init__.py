"""Motions of mechanics, of compartments and of fields, from known equations."""

from . import (
    bouncing_ball,
    double_pendulum,
    fields,
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
    "fields",
    "motion_data",
    "pendulum",
    "sir",
    "spring",
    "three_body",
    "two_body",
]
