"""Dynamics: the vector fields f(t, y, args) of the differential equations."""

from .base import AbstractBatchDynamics, AbstractDynamics, Dynamics, Time, lift
from .concat_squash import ConcatSquashDynamics
from .mlp import MLPDynamics
from .semilinear import AbstractSemilinearDynamics
from .separable import AbstractSeparableDynamics

__all__ = [
    "AbstractBatchDynamics",
    "AbstractDynamics",
    "AbstractSemilinearDynamics",
    "AbstractSeparableDynamics",
    "ConcatSquashDynamics",
    "Dynamics",
    "MLPDynamics",
    "Time",
    "lift",
]
