"""Dynamics: the vector fields f(t, y, args) of the differential equations."""

from .base import AbstractBatchDynamics, AbstractDynamics, Dynamics, Time, lift

__all__ = ["AbstractBatchDynamics", "AbstractDynamics", "Dynamics", "Time", "lift"]
