"""Dynamics: the vector fields f(t, y, args) of the differential equations."""

from .base import AbstractBatchDynamics, AbstractDynamics, Dynamics, Time, lift
from .concat_squash import ConcatSquashDynamics
from .mlp import MLPDynamics

__all__ = [
    "AbstractBatchDynamics",
    "AbstractDynamics",
    "ConcatSquashDynamics",
    "Dynamics",
    "MLPDynamics",
    "Time",
    "lift",
]
