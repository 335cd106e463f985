"""Layers that models and dynamics are built of."""

from .dense import (
    Activation,
    Affine,
    FeedForward,
    InitScale,
    activation_by_name,
    draw_standard_normal,
    linear,
    scale_parameters,
    with_time,
)
from .frozen import Frozen, frozen

__all__ = [
    "Activation",
    "Affine",
    "FeedForward",
    "Frozen",
    "InitScale",
    "activation_by_name",
    "draw_standard_normal",
    "frozen",
    "linear",
    "scale_parameters",
    "with_time",
]
